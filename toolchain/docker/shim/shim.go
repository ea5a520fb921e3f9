// Package shim reaches the upstream provider, which is an internal package: the import path of this
// module lies beside it, which is what Go's rule for internal packages asks for.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

func NewProvider(version string) *schema.Provider { return provider.New(version)() }
