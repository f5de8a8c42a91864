package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

// modeVariable says what a rank does.
const modeVariable = "GOTORCH_RANKCHAOS_MODE"

// timeout is that of ranks and launchers.
const timeout = 8 * time.Second

// work is one rank of a job, and returns its exit status.
func work(mode string) int {
	if err := collectives(mode); err != nil {
		fmt.Fprintln(os.Stderr, "rankchaos:", err)
		return 1
	}
	return 0
}

// collectives takes part in two collectives, but for what a mode does otherwise: on rank 1,
// or on rank 0 where that stops, for it has the store.
func collectives(mode string) (err error) {
	first, odd := os.Getenv("RANK") == "0", os.Getenv("RANK") == "1"
	switch {
	case odd && mode == "late":
		time.Sleep(5 * timeout) // the others may take long to begin themselves, beside many others
	case first && mode == "stops at once", odd && mode == "joins and stops":
		return joinAndStop(first)
	}
	if err := distributed.InitProcessGroup(distributed.InitOptions{Timeout: timeout}); err != nil {
		return err
	}
	defer func() {
		if failed := distributed.DestroyProcessGroup(); err == nil {
			err = failed
		}
	}()
	if _, err := distributed.Barrier(); err != nil {
		return err
	}
	x := torch.Ones([]int{1000})
	switch {
	case first && strings.HasPrefix(mode, "stops"):
		return stop()
	case mode == "stops before objects":
		_, err = distributed.AllGatherObject(mode)
	case mode == "stops before a barrier":
		_, err = distributed.Barrier()
	case mode == "stops before a group":
		_, err = distributed.NewGroup(nil, distributed.GroupOptions{Timeout: timeout})
	case !odd:
		_, err = distributed.AllReduce(x)
	case mode == "shapes":
		_, err = distributed.AllReduce(torch.Ones([]int{2000}))
	case mode == "hangs":
		time.Sleep(time.Hour) // until the others say so
	case mode == "other":
		_, err = distributed.Recv(x, 0)
	case mode == "dies":
		os.Exit(3) //nolint:gocritic // it tells nobody
	case mode == "panics":
		panic("rank 1 has no disk")
	default:
		_, err = distributed.AllReduce(x)
	}
	return err
}

// joinAndStop stops this process when it has joined the store, or when it has the store and
// the others have joined, while they make the group.
func joinAndStop(master bool) error {
	var port, size int
	for name, value := range map[string]*int{"MASTER_PORT": &port, "WORLD_SIZE": &size} {
		if _, err := fmt.Sscan(os.Getenv(name), value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	store, err := distributed.NewTCPStore("127.0.0.1", port, distributed.TCPStoreOptions{WorldSize: size, Master: master, Timeout: timeout})
	if err != nil {
		return err
	}
	defer store.Close()
	return stop()
}

// stop stops this process, which may take a moment: nothing more may be done until then.
func stop() error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(time.Hour)
	return nil
}
