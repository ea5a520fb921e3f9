package main

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// manifest is the part of a package.json that says what a package is and which provider it needs.
type manifest struct {
	Name            string            `json:"name"`
	Version         string            `json:"version"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Pulumi          *pulumiManifest   `json:"pulumi"`
}

type pulumiManifest struct {
	Resource         bool              `json:"resource"`
	Name             string            `json:"name"`
	Version          string            `json:"version"`
	Server           string            `json:"server"`
	Parameterization *parameterization `json:"parameterization"`
}

type parameterization struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Base64 in the file, which is how encoding/json reads a byte slice.
	Value []byte `json:"value"`
}

func readManifest(directory string) (manifest, bool) {
	var m manifest
	content, err := os.ReadFile(filepath.Join(directory, "package.json"))
	if err != nil {
		return m, false
	}
	// Packages carry broken or odd manifests as test data; they are no dependency of anyone.
	return m, json.Unmarshal(content, &m) == nil
}

// nodeModules finds the installation a program uses: the nearest node_modules with the Pulumi SDK,
// and on the way those that shadow parts of it.
func nodeModules(program string) []string {
	var found []string
	for dir := program; ; dir = filepath.Dir(dir) {
		modules := filepath.Join(dir, "node_modules")
		if stat, err := os.Stat(modules); err == nil && stat.IsDir() {
			found = append(found, modules)
			if _, ok := readManifest(filepath.Join(modules, "@pulumi", "pulumi")); ok {
				return found
			}
		}
		if dir == filepath.Dir(dir) {
			return found
		}
	}
}

// installed calls visit once for every package in the node_modules directories, their nested
// node_modules included.
func installed(ctx context.Context, directories []string, visit func(manifest)) error {
	seen := map[string]bool{}
	var scan func(modules string) error
	scan = func(modules string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if seen[modules] {
			return nil
		}
		seen[modules] = true
		entries, err := os.ReadDir(modules)
		if err != nil {
			return nil
		}
		for _, entry := range entries {
			name := entry.Name()
			path := filepath.Join(modules, name)
			if strings.HasPrefix(name, "@") {
				if err := scan(path); err != nil {
					return err
				}
				continue
			}
			// .bin, .package-lock.json and the package managers' own stores.
			if strings.HasPrefix(name, ".") {
				continue
			}
			real, err := filepath.EvalSymlinks(path)
			if err != nil || seen[real] {
				continue
			}
			seen[real] = true
			if m, ok := readManifest(real); ok && m.Name != "" {
				visit(m)
			}
			if err := scan(filepath.Join(real, "node_modules")); err != nil {
				return err
			}
			// pnpm links a package and keeps its dependencies beside the link's target.
			if beside := filepath.Dir(real); beside != modules && filepath.Base(beside) == "node_modules" {
				if err := scan(beside); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, directory := range directories {
		if err := scan(directory); err != nil {
			return err
		}
	}
	return nil
}

func (host *languageHost) requiredPackages(
	ctx context.Context, info *pulumirpc.ProgramInfo,
) ([]*pulumirpc.PackageDependency, error) {
	var packages []*pulumirpc.PackageDependency
	known := map[string]bool{}
	add := func(m manifest) {
		if m.Pulumi == nil || !m.Pulumi.Resource {
			return
		}
		name := cmp.Or(m.Pulumi.Name, strings.TrimPrefix(m.Name, "@pulumi/"))
		version := cmp.Or(m.Pulumi.Version, m.Version)
		key := name + "@" + version
		dependency := &pulumirpc.PackageDependency{
			Name:    name,
			Kind:    string(apitype.ResourcePlugin),
			Version: version,
			Server:  m.Pulumi.Server,
		}
		if p := m.Pulumi.Parameterization; p != nil {
			key += "+" + p.Name + "@" + p.Version
			dependency.Parameterization = &pulumirpc.PackageParameterization{
				Name: p.Name, Version: p.Version, Value: p.Value,
			}
		}
		if !known[key] {
			known[key] = true
			packages = append(packages, dependency)
		}
	}
	// A component provider's own manifest counts too: its program directory is the package.
	if m, ok := readManifest(info.GetProgramDirectory()); ok {
		add(m)
	}
	err := installed(ctx, nodeModules(info.GetProgramDirectory()), add)
	return packages, err
}

func (host *languageHost) GetRequiredPackages(
	ctx context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	packages, err := host.requiredPackages(ctx, request.GetInfo())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, nil
}

// GetRequiredPlugins serves engines from before GetRequiredPackages.
func (host *languageHost) GetRequiredPlugins(
	ctx context.Context, request *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	packages, err := host.requiredPackages(ctx, request.GetInfo())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPluginsResponse{}
	for _, p := range packages {
		response.Plugins = append(response.Plugins, &pulumirpc.PluginDependency{
			Name: p.Name, Kind: p.Kind, Version: p.Version, Server: p.Server,
		})
	}
	return response, nil
}

func (host *languageHost) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	program := request.GetInfo().GetProgramDirectory()
	directories := nodeModules(program)
	versions := map[string]string{}
	if request.GetTransitiveDependencies() {
		err := installed(ctx, directories, func(m manifest) {
			// The first one found is the one at the top, which the program itself gets.
			if _, known := versions[m.Name]; !known {
				versions[m.Name] = m.Version
			}
		})
		if err != nil {
			return nil, err
		}
	} else {
		m, ok := nearestManifest(program)
		if !ok {
			return nil, status.Errorf(codes.FailedPrecondition, "no package.json in %s or above it", program)
		}
		for _, declared := range []map[string]string{m.DevDependencies, m.Dependencies} {
			for name, wanted := range declared {
				versions[name] = wanted
				for _, directory := range directories {
					if found, ok := readManifest(filepath.Join(directory, name)); ok {
						versions[name] = found.Version
						break
					}
				}
			}
		}
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for name, version := range versions {
		response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{Name: name, Version: version})
	}
	slices.SortFunc(response.Dependencies, func(a, b *pulumirpc.DependencyInfo) int {
		return strings.Compare(a.Name, b.Name)
	})
	return response, nil
}

func nearestManifest(directory string) (manifest, bool) {
	for dir := directory; ; dir = filepath.Dir(dir) {
		if m, ok := readManifest(dir); ok {
			return m, true
		}
		if dir == filepath.Dir(dir) {
			return manifest{}, false
		}
	}
}
