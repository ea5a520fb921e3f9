// pulumi-language-nodejs runs Node.js programs and plugins for the Pulumi engine over the public
// pulumirpc.LanguageRuntime protocol.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// How often to ask whether the engine is still there: a killed engine must not leave hosts behind.
const engineCheckInterval = 30 * time.Second

func main() {
	var tracing string
	flag.StringVar(&tracing, "tracing", "", "emit tracing to this endpoint")
	// The engine of older releases passes these two; nothing depends on them any more.
	flag.Bool("stub", false, "accepted for compatibility")
	flag.String("root", "", "accepted for compatibility")
	flag.Parse()

	logging.InitLogging(false, 0, false)
	cmdutil.InitTracing("pulumi-language-nodejs", "pulumi-language-nodejs", tracing)

	if err := serve(flag.Arg(0), tracing); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

func serve(engineAddress, tracing string) error {
	// Registering for SIGINT also undoes an inherited "ignore": the engine ends its plugins with
	// SIGINT and would otherwise wait five seconds for each of them.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	host := newHost(engineAddress, tracing)
	if engineAddress != "" {
		if err := rpcutil.Healthcheck(ctx, engineAddress, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("watching the engine: %w", err)
		}
	}

	stopServer := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stopServer,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}

	// The engine reads exactly one line, the port; everything after it is shown to the user.
	fmt.Println(handle.Port)

	select {
	case err := <-handle.Done:
		return err
	case <-ctx.Done():
	}
	// The children go first: stopping the server waits for the calls that wait for them.
	host.processes.cancelAll()
	close(stopServer)
	select {
	case err := <-handle.Done:
		return err
	case <-time.After(killAfter + time.Second):
		return nil
	}
}
