// gen writes the provider's Pulumi schema to standard output.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"flash-loan-mcp/toolchain/docker/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

func main() {
	// The generator complains at length about missing documentation, which nobody reads here:
	// what it says matters only when it fails.
	var messages bytes.Buffer
	sink := diag.DefaultSink(&messages, &messages, diag.FormatOptions{Color: colors.Never})
	schema, err := generate(sink)
	if err == nil {
		_, err = os.Stdout.Write(schema)
	}
	if err != nil {
		fmt.Fprint(os.Stderr, messages.String())
		fmt.Fprintln(os.Stderr, "generating the schema:", err)
		os.Exit(1)
	}
}

func generate(sink diag.Sink) ([]byte, error) {
	schema, err := tfgen.GenerateSchema(info.Provider(), sink)
	if err != nil {
		return nil, err
	}
	schema.Version = info.Version
	return json.Marshal(schema)
}
