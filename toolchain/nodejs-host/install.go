package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func (host *languageHost) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	ctx := stream.Context()
	options, err := parseOptions(request.GetInfo())
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	directory := request.GetInfo().GetProgramDirectory()
	command := installCommand(options, directory)
	path, err := exec.LookPath(command[0])
	if err != nil {
		return status.Errorf(codes.FailedPrecondition,
			"%s was not found on PATH: install it, or set the runtime option packagemanager", command[0])
	}

	var output streamLock
	cmd := exec.Command(path, command[1:]...)
	cmd.Dir = directory
	cmd.Env = os.Environ()
	cmd.Stdout = output.writer(func(b []byte) error {
		return stream.Send(&pulumirpc.InstallDependenciesResponse{Stdout: b})
	})
	cmd.Stderr = output.writer(func(b []byte) error {
		return stream.Send(&pulumirpc.InstallDependenciesResponse{Stderr: b})
	})

	code, err := host.processes.run(ctx, cmd)
	switch {
	case ctx.Err() != nil || err == context.Canceled:
		return status.Error(codes.Canceled, "installing dependencies was cancelled")
	case err != nil:
		return status.Errorf(codes.Internal, "running %s: %v", path, err)
	case code != 0:
		return status.Errorf(codes.Unknown, "`%s` in %s failed with exit code %d",
			strings.Join(command, " "), directory, code)
	}
	return nil
}

func installCommand(options runtimeOptions, directory string) []string {
	manager := options.packageManager
	if manager == "" {
		manager = packageManagerOf(directory)
	}
	if manager != "npm" {
		return []string{manager, "install"}
	}
	// `npm ci` is exact, but it starts by deleting what is there, and it needs a lock file.
	if exists(directory, "package-lock.json") && !exists(directory, "node_modules") {
		return []string{"npm", "ci", "--loglevel=error"}
	}
	return []string{"npm", "install", "--loglevel=error"}
}

func packageManagerOf(directory string) string {
	if prefer := os.Getenv("PULUMI_PREFER_YARN"); prefer == "true" || prefer == "1" {
		return "yarn"
	}
	for _, candidate := range []struct{ lock, manager string }{
		{"package-lock.json", "npm"},
		{"yarn.lock", "yarn"},
		{"pnpm-lock.yaml", "pnpm"},
		{"bun.lock", "bun"},
		{"bun.lockb", "bun"},
	} {
		if exists(directory, candidate.lock) {
			return candidate.manager
		}
	}
	return "npm"
}

func exists(directory, name string) bool {
	_, err := os.Stat(filepath.Join(directory, name))
	return err == nil
}
