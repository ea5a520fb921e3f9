// gen writes the provider's Pulumi schema to standard output.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"flash-loan-mcp/toolchain/random/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

func main() {
	// The generator complains at length about missing documentation, which nobody reads here:
	// what it says matters only when it fails.
	var messages bytes.Buffer
	sink := diag.DefaultSink(&messages, &messages, diag.FormatOptions{Color: colors.Never})
	result, err := tfgen.GenerateSchema(context.Background(), tfgen.GenerateSchemaOptions{
		ProviderInfo:    info.Provider(),
		DiagnosticsSink: sink,
	})
	if err == nil {
		_, err = os.Stdout.Write(result.ProviderMetadata.PackageSchema)
	}
	if err != nil {
		fmt.Fprint(os.Stderr, messages.String())
		fmt.Fprintln(os.Stderr, "generating the schema:", err)
		os.Exit(1)
	}
}
