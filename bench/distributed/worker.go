package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// measured is what a process says of itself.
type measured struct {
	Milliseconds float64 // of a step
	Bytes        float64 // that its host has sent in a step
	Loss         float64 // of the last step
	// Checksums are of the gradients of the last step, by parameter, and Gradients are
	// their Float32s, which rank 0 alone gives.
	Checksums []uint32
	Gradients [][]byte
}

// work is one process; worker.py is the same in Python.
func work(batch, steps, warm int) error {
	if err := distributed.InitProcessGroup(); err != nil {
		return err
	}
	rank, size := distributed.GetRank(), distributed.GetWorldSize()
	torch.ManualSeed(0)
	net := nn.NewSequential(nn.NewLinear(784, 512), nn.NewReLU(), nn.NewLinear(512, 512), nn.NewReLU(), nn.NewLinear(512, 10))
	ddp, err := parallel.NewDistributedDataParallel(net)
	if err != nil {
		return err
	}
	optimizer := optim.NewSGD(ddp.Parameters(), optim.SGDOptions{LR: 0.01, Momentum: 0.9})
	share := batch / size
	var data [][2]*torch.Tensor
	for range warm + steps {
		x, y := torch.Randn([]int{batch, 784}), torch.Randint(0, 10, []int{batch})
		data = append(data, [2]*torch.Tensor{x.Narrow(0, rank*share, share), y.Narrow(0, rank*share, share)})
	}
	loss := 0.0
	learn := func(x, y *torch.Tensor, last bool) {
		torch.Scope(func() {
			optimizer.ZeroGrad()
			l := functional.CrossEntropy(ddp.Forward(x), y)
			l.Backward()
			optimizer.Step()
			if last {
				loss = l.Item()
			}
		})
	}
	for _, d := range data[:warm] {
		learn(d[0], d[1], false)
	}
	if _, err := distributed.Barrier(); err != nil {
		return err
	}
	before, start := sent(), time.Now()
	for i, d := range data[warm:] {
		learn(d[0], d[1], i == steps-1)
	}
	if _, err := distributed.Barrier(); err != nil {
		return err
	}
	m := measured{Milliseconds: milliseconds(time.Since(start)) / float64(steps), Bytes: (sent() - before) / float64(steps), Loss: loss}
	for _, p := range ddp.Parameters() {
		gradient, err := binary.Append(nil, binary.LittleEndian, torch.ToSlice[float32](p.Grad()))
		if err != nil {
			return err
		}
		m.Checksums = append(m.Checksums, crc32.ChecksumIEEE(gradient))
		if rank == 0 {
			m.Gradients = append(m.Gradients, gradient)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		return err
	}
	return distributed.DestroyProcessGroup()
}

// reduce is one process that does nothing but all-reduces of so many bytes.
func reduce(bytes, times, warm int) error {
	if err := distributed.InitProcessGroup(); err != nil {
		return err
	}
	x := torch.Ones([]int{bytes / 4})
	var start time.Time
	for i := range warm + times {
		if i == warm {
			start = time.Now()
		}
		if _, err := distributed.AllReduce(x, distributed.ReduceOptions{Op: distributed.Max}); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(measured{Milliseconds: milliseconds(time.Since(start)) / float64(times)}); err != nil {
		return err
	}
	return distributed.DestroyProcessGroup()
}

// sent returns how many bytes this host has sent.
func sent() (bytes float64) {
	file, err := os.Open("/proc/self/net/dev")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		const transmitted = 8
		if _, numbers, ok := strings.Cut(lines.Text(), ":"); ok {
			n, _ := strconv.Atoi(strings.Fields(numbers)[transmitted])
			bytes += float64(n)
		}
	}
	return bytes
}

// run is one process, whose arguments are numbers. The first says what it does where it
// is a word.
func run(arguments []string) error {
	do := work
	if arguments[0] == reduceMode {
		do, arguments = reduce, arguments[1:]
	}
	var numbers [3]int
	for i := range numbers {
		if _, err := fmt.Sscan(arguments[i], &numbers[i]); err != nil {
			return err
		}
	}
	return do(numbers[0], numbers[1], numbers[2])
}

const reduceMode = "all-reduce"
