package main

import "syscall"

// The engine may kill this host without warning; the program it runs must not outlive it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
