// pulumi-resource-random is the Random provider for the @pulumi/random SDK.
package main

import (
	"context"
	_ "embed"
	"os"
	"os/signal"

	"flash-loan-mcp/toolchain/random/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

//go:embed schema.json
var schema []byte

func main() {
	endOnInterrupt()
	tfbridge.Main(context.Background(), "random", info.Provider(),
		tfbridge.ProviderMetadata{PackageSchema: schema})
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
