package main

import "syscall"

// ownGroup starts a process in a group of its own, so that its children end with it, and
// ends it when this program is gone.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
