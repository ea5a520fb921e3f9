package main

import (
	"context"
	"fmt"
	"net"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
)

// startDebugging tells the engine where a debugger can attach and returns the flag that makes
// node wait there.
func (host *languageHost) startDebugging(ctx context.Context, name string) (string, error) {
	// Node could choose the port itself, but would tell it only in its output, after it has started.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", status.Errorf(codes.Internal, "finding a port for the debugger: %v", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return "", status.Errorf(codes.Internal, "finding a port for the debugger: %v", err)
	}
	config, err := structpb.NewStruct(map[string]any{
		"name":             name,
		"type":             "node",
		"request":          "attach",
		"address":          "127.0.0.1",
		"port":             port,
		"continueOnAttach": true,
		"skipFiles":        []any{"<node_internals>/**"},
	})
	if err != nil {
		return "", status.Errorf(codes.Internal, "describing the debugger: %v", err)
	}
	conn, err := grpc.NewClient(host.engine(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", status.Errorf(codes.Unavailable, "connecting to the engine: %v", err)
	}
	defer func() { _ = conn.Close() }()
	_, err = pulumirpc.NewEngineClient(conn).StartDebugging(ctx, &pulumirpc.StartDebuggingRequest{
		Config:  config,
		Message: fmt.Sprintf("on port %d", port),
	})
	if err != nil {
		return "", status.Errorf(codes.Unavailable, "announcing the debugger: %v", err)
	}
	return fmt.Sprintf("--inspect-brk=127.0.0.1:%d", port), nil
}
