package main

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	// Both fit into the five seconds the engine gives a plugin before it kills it outright.
	terminateAfter = 1500 * time.Millisecond
	killAfter      = 3 * time.Second
)

// processes are the children in flight, so that one Cancel call ends all of them.
type processes struct {
	mutex   sync.Mutex
	next    int
	cancels map[int]context.CancelFunc
}

func (p *processes) cancelAll() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, cancel := range p.cancels {
		cancel()
	}
}

func (p *processes) track(cancel context.CancelFunc) (untrack func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.cancels == nil {
		p.cancels = map[int]context.CancelFunc{}
	}
	id := p.next
	p.next++
	p.cancels[id] = cancel
	return func() {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		delete(p.cancels, id)
	}
}

// run starts the command in a process group of its own and waits for it. When the context or the
// host is cancelled the whole group is asked to end, and killed if it does not; the error is then
// the context's.
func (p *processes) run(ctx context.Context, cmd *exec.Cmd) (exitCode int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.track(cancel)()

	// The parent-death signal fires when the starting thread ends, not the process: keep the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd.SysProcAttr = childAttributes()
	// A grandchild that inherited the pipes must not hold the call open for ever.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		return -1, err
	}
	finished := make(chan struct{})
	var ending sync.WaitGroup
	ending.Add(1)
	go func() {
		defer ending.Done()
		select {
		case <-finished:
		case <-ctx.Done():
			endGroup(cmd.Process.Pid, finished)
		}
	}()
	err = cmd.Wait()
	close(finished)
	ending.Wait()

	if ctx.Err() != nil {
		return -1, ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal()), nil
		}
		return exit.ExitCode(), nil
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return cmd.ProcessState.ExitCode(), nil
	}
	return 0, err
}

func endGroup(pid int, finished <-chan struct{}) {
	signalGroup := func(signal syscall.Signal) { _ = syscall.Kill(-pid, signal) }
	// Whatever is left of the group when the leader is gone has no one to report to.
	defer signalGroup(syscall.SIGKILL)

	signalGroup(syscall.SIGINT)
	select {
	case <-finished:
		return
	case <-time.After(terminateAfter):
	}
	signalGroup(syscall.SIGTERM)
	select {
	case <-finished:
	case <-time.After(killAfter - terminateAfter):
	}
}
