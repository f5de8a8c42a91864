package main

import (
	"fmt"
	"os"
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

// collectives takes part in two collectives, but for what a mode does otherwise on rank 1.
func collectives(mode string) error {
	odd := os.Getenv("RANK") == "1"
	if odd && mode == "late" {
		time.Sleep(timeout + 2*time.Second)
	}
	if err := distributed.InitProcessGroup(distributed.InitOptions{Timeout: timeout}); err != nil {
		return err
	}
	if _, err := distributed.Barrier(); err != nil {
		return err
	}
	x := torch.Ones([]int{1000})
	var err error
	switch {
	case mode == "stops" && distributed.GetRank() == 0: // whose process has the store
		err = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case !odd:
		_, err = distributed.AllReduce(x)
	case mode == "shapes":
		_, err = distributed.AllReduce(torch.Ones([]int{2000}))
	case mode == "hangs":
		time.Sleep(time.Hour) // until the others say so
	case mode == "other":
		_, err = distributed.Recv(x, 0)
	case mode == "dies":
		os.Exit(3)
	case mode == "panics":
		panic("rank 1 has no disk")
	default:
		_, err = distributed.AllReduce(x)
	}
	if err != nil {
		return err
	}
	return distributed.DestroyProcessGroup()
}
