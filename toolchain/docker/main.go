// pulumi-resource-docker is the Docker provider for the @pulumi/docker SDK.
package main

import (
	_ "embed"
	"os"
	"os/signal"

	"flash-loan-mcp/toolchain/docker/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

//go:embed schema.json
var schema []byte

func main() {
	endOnInterrupt()
	tfbridge.Main("docker", info.Version, info.Provider(), schema)
}

// endOnInterrupt restores the default action where the parent ignores SIGINT (a background job):
// the engine ends its plugins with SIGINT and would otherwise wait five seconds for each of them.
func endOnInterrupt() {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		<-interrupts
		os.Exit(130)
	}()
}
