// Package shim reaches the upstream provider, which is an internal package: the import path of this
// module lies beside it, which is what Go's rule for internal packages asks for.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

func NewProvider() provider.Provider { return upstream.New() }
