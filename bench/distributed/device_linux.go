package main

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openDevice makes a network device in a namespace, whose other end is the file.
func openDevice(namespace string) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	results := make(chan result)
	go func() {
		runtime.LockOSThread() // for good: the thread ends in the other namespace
		file, err := openDeviceHere(namespace)
		results <- result{file, err}
	}()
	r := <-results
	return r.file, r.err
}

func openDeviceHere(namespace string) (*os.File, error) {
	there, err := os.Open("/run/netns/" + namespace)
	if err != nil {
		return nil, err
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, os.NewSyscallError("setns", err)
	}
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("open /dev/net/tun", err)
	}
	request := struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_TUN | syscall.IFF_NO_PI}
	copy(request.name[:], deviceName)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request))); errno != 0 {
		syscall.Close(fd)
		return nil, os.NewSyscallError("ioctl TUNSETIFF", errno)
	}
	return os.NewFile(uintptr(fd), "/dev/net/tun"), nil
}
