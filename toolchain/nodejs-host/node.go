package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const sdkMissing = "the Pulumi SDK for Node.js is not installed in %s: run `npm install` there"

func findNode() (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("node was not found on PATH: install Node.js 22.18 or newer: %w", err)
	}
	return filepath.Abs(path)
}

// plugAndPlayArguments make Yarn's Plug'n'Play resolution work: there is no node_modules then.
func plugAndPlayArguments(directory string) []string {
	for dir := directory; ; dir = filepath.Dir(dir) {
		loader := filepath.Join(dir, ".pnp.cjs")
		if _, err := os.Stat(loader); err == nil {
			return []string{"--require", loader}
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// resolveModule lets node itself resolve the module: links, workspaces, NODE_PATH and
// Plug'n'Play then mean here what they mean to the program.
func resolveModule(ctx context.Context, node, directory, module string) (string, error) {
	args := append(plugAndPlayArguments(directory),
		"-e", "process.stdout.write(require.resolve(process.argv[1]))", module)
	cmd := exec.CommandContext(ctx, node, args...)
	cmd.Dir = directory
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if strings.Contains(stderr.String(), "MODULE_NOT_FOUND") {
			return "", fmt.Errorf(sdkMissing+" (Cannot find module '%s')", directory, module)
		}
		return "", fmt.Errorf("resolving %s from %s: %w\n%s", module, directory, err, stderr.String())
	}
	return string(out), nil
}
