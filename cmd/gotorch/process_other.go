//go:build !linux

package main

import "syscall"

// ownGroup starts a process in a group of its own, so that its children end with it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
