package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

var packageManagers = []string{"npm", "yarn", "pnpm", "bun"}

// runtimeOptions are the `runtime.options` of Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml.
type runtimeOptions struct {
	// nil: not set, so that the environment or the default decides.
	typescript     *bool
	tsconfig       string
	nodeArgs       []string
	packageManager string
}

func parseOptions(info *pulumirpc.ProgramInfo) (runtimeOptions, error) {
	var options runtimeOptions
	text := func(key string, value any) (string, error) {
		s, ok := value.(string)
		if !ok {
			return "", fmt.Errorf("runtime option %q must be a string", key)
		}
		return s, nil
	}
	for key, value := range info.GetOptions().AsMap() {
		var err error
		switch key {
		case "typescript":
			enabled, ok := value.(bool)
			if !ok {
				return options, fmt.Errorf("runtime option %q must be true or false", key)
			}
			options.typescript = &enabled
		case "tsconfig":
			options.tsconfig, err = text(key, value)
		case "nodeargs":
			var line string
			if line, err = text(key, value); err == nil {
				options.nodeArgs, err = splitArguments(line)
			}
		case "packagemanager":
			options.packageManager, err = text(key, value)
			if options.packageManager == "auto" {
				options.packageManager = ""
			} else if err == nil && !slices.Contains(packageManagers, options.packageManager) {
				err = fmt.Errorf("runtime option %q must be auto or one of %s",
					key, strings.Join(packageManagers, ", "))
			}
		}
		// Other keys are left alone: a newer CLI or another host may know them.
		if err != nil {
			return options, err
		}
	}
	return options, nil
}

// environment turns the options into what @pulumi/pulumi's runner reads.
func (options runtimeOptions) environment(lookup func(string) (string, bool)) []string {
	var env []string
	if options.typescript != nil {
		env = append(env, fmt.Sprintf("PULUMI_NODEJS_TYPESCRIPT=%t", *options.typescript))
	} else if _, set := lookup("PULUMI_NODEJS_TYPESCRIPT"); !set {
		env = append(env, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if options.tsconfig != "" {
		env = append(env, "PULUMI_NODEJS_TSCONFIG_PATH="+options.tsconfig)
	}
	return env
}

// splitArguments splits like a shell would, with quotes and backslashes but without expansion.
func splitArguments(line string) ([]string, error) {
	var arguments []string
	var current strings.Builder
	started, escaped := false, false
	var quote rune
	for _, r := range line {
		switch {
		case escaped:
			current.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			started, escaped = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				current.WriteRune(r)
			}
		case r == '\'' || r == '"':
			started, quote = true, r
		case unicode.IsSpace(r):
			if started {
				arguments = append(arguments, current.String())
				current.Reset()
				started = false
			}
		default:
			started = true
			current.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, fmt.Errorf("runtime option \"nodeargs\" has an unfinished quote or escape: %s", line)
	}
	if started {
		arguments = append(arguments, current.String())
	}
	return arguments, nil
}
