package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The exit code with which @pulumi/pulumi says that it has already shown the error to the user.
const exitAlreadyReported = 32

// plainWriter hides the file behind it, so that os/exec copies through a pipe of ours: Node.js
// switches an inherited pipe to non-blocking mode, for everyone who shares it.
type plainWriter struct{ io.Writer }

func (host *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	info := request.GetInfo()
	options, err := parseOptions(info)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	node, err := findNode()
	if err != nil {
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	}
	module := os.Getenv("PULUMI_LANGUAGE_NODEJS_RUN_PATH")
	if module == "" {
		module = "@pulumi/pulumi/cmd/run"
	}
	runner, err := resolveModule(ctx, node, info.GetProgramDirectory(), module)
	if err != nil {
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	}
	config, secretKeys, err := marshalConfig(request)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	args := slices.Concat(plugAndPlayArguments(info.GetProgramDirectory()), options.nodeArgs)
	if request.GetAttachDebugger() {
		debug, err := host.startDebugging(ctx, "Pulumi: Program (Node.js)")
		if err != nil {
			return nil, err
		}
		args = append(args, debug)
	}
	args = append(args, runner)
	args = append(args, host.programArguments(request)...)

	cmd := exec.Command(node, args...)
	cmd.Dir = info.GetProgramDirectory()
	cmd.Stdout, cmd.Stderr = plainWriter{os.Stdout}, plainWriter{os.Stderr}
	cmd.Env = append(os.Environ(), options.environment(os.LookupEnv)...)
	cmd.Env = append(cmd.Env, "PULUMI_CONFIG="+config, "PULUMI_CONFIG_SECRET_KEYS="+secretKeys)

	code, err := host.processes.run(ctx, cmd)
	switch {
	case ctx.Err() != nil || err == context.Canceled:
		return nil, status.Error(codes.Canceled, "the program was cancelled")
	case err != nil:
		return nil, status.Errorf(codes.Internal, "running %s: %v", node, err)
	case code == exitAlreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case code != 0:
		return &pulumirpc.RunResponse{
			Error: fmt.Sprintf("Program exited with non-zero exit code: %d", code),
		}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

func marshalConfig(request *pulumirpc.RunRequest) (config, secretKeys string, err error) {
	encode := func(value any) string {
		encoded, failure := json.Marshal(value)
		if failure != nil {
			err = failure
		}
		return string(encoded)
	}
	values := request.GetConfig()
	if values == nil {
		values = map[string]string{}
	}
	keys := request.GetConfigSecretKeys()
	if keys == nil {
		keys = []string{}
	}
	return encode(values), encode(keys), err
}

func (host *languageHost) programArguments(request *pulumirpc.RunRequest) []string {
	info := request.GetInfo()
	var args []string
	add := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name, value)
		}
	}
	add("monitor", request.GetMonitorAddress())
	add("engine", host.engine())
	add("organization", request.GetOrganization())
	add("project", request.GetProject())
	add("root-directory", info.GetRootDirectory())
	add("stack", request.GetStack())
	add("pwd", info.GetProgramDirectory())
	if request.GetDryRun() {
		args = append(args, "--dry-run")
	}
	add("parallel", strconv.Itoa(int(request.GetParallel())))
	add("tracing", host.tracing)
	args = append(args, info.GetEntryPoint())
	return append(args, request.GetArgs()...)
}

func (host *languageHost) RunPlugin(
	request *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	ctx := stream.Context()
	info := request.GetInfo()
	options, err := parseOptions(info)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	node, err := findNode()
	if err != nil {
		return status.Error(codes.FailedPrecondition, err.Error())
	}

	var output streamLock
	stdout := output.writer(func(b []byte) error {
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: b}})
	})
	stderr := output.writer(func(b []byte) error {
		return stream.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: b}})
	})
	exit := func(code int) error {
		return stream.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)},
		})
	}

	isPolicyPack := request.GetKind() == string(apitype.AnalyzerPlugin)
	module := "@pulumi/pulumi/cmd/run-plugin"
	if isPolicyPack {
		module = "@pulumi/pulumi/cmd/run-policy-pack"
	}
	runner, err := resolveModule(ctx, node, info.GetProgramDirectory(), module)
	if err != nil {
		// The engine recognises this text in the plugin's output and says what to install where.
		fmt.Fprintln(stderr, err)
		return exit(1)
	}

	args := slices.Concat(plugAndPlayArguments(info.GetProgramDirectory()), options.nodeArgs)
	if request.GetAttachDebugger() {
		debug, err := host.startDebugging(ctx, "Pulumi: "+request.GetName()+" (Node.js)")
		if err != nil {
			return err
		}
		args = append(args, debug)
	}
	args = append(args, runner)
	args = append(args, pluginArguments(request, isPolicyPack)...)

	cmd := exec.Command(node, args...)
	cmd.Dir = request.GetPwd()
	if isPolicyPack {
		// The runner looks for the pack's tsconfig.json in its working directory.
		cmd.Dir = info.GetProgramDirectory()
	}
	cmd.Env = append(os.Environ(), request.GetEnv()...)
	cmd.Env = append(cmd.Env, options.environment(os.LookupEnv)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr

	code, err := host.processes.run(ctx, cmd)
	switch {
	case ctx.Err() != nil || err == context.Canceled:
		return status.Error(codes.Canceled, "the plugin was cancelled")
	case err != nil:
		return status.Errorf(codes.Internal, "running %s: %v", node, err)
	}
	return exit(code)
}

// pluginArguments orders the arguments for the runners of @pulumi/pulumi: the policy pack runner
// wants the engine's address before the pack, the plugin runner after the plugin. Flags come last,
// because the runners' parser would take a positional argument after `--flag` for its value.
func pluginArguments(request *pulumirpc.RunPluginRequest, isPolicyPack bool) []string {
	var positional, flags []string
	for args := request.GetArgs(); len(args) > 0; args = args[1:] {
		switch {
		case args[0] == "--tracing" && len(args) > 1:
			flags = append(flags, args[0], args[1])
			args = args[1:]
		case strings.HasPrefix(args[0], "-"):
			flags = append(flags, args[0])
		default:
			positional = append(positional, args[0])
		}
	}
	program := request.GetInfo().GetProgramDirectory()
	if entry := request.GetInfo().GetEntryPoint(); entry != "" && entry != "." {
		program = program + string(os.PathSeparator) + entry
	}
	if isPolicyPack && len(positional) > 0 {
		return slices.Concat(positional[:1], []string{program}, positional[1:], flags)
	}
	return slices.Concat([]string{program}, positional, flags)
}
