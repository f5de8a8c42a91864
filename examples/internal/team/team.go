// Package team is what the examples need to train in one process or in several.
package team

import (
	"io"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
)

// Team is the processes that train one network together. The zero value is this one alone.
type Team struct {
	Rank   int // of this process
	others int // how many there are beside it
}

// Join makes this process one of a team, as its environment says. It fails where
// [distributed.InitProcessGroup] does; the timeout is that one's.
func Join(timeout time.Duration) (Team, error) {
	if err := distributed.InitProcessGroup(distributed.InitOptions{Timeout: timeout}); err != nil {
		return Team{}, err
	}
	return Team{distributed.GetRank(), distributed.GetWorldSize() - 1}, nil
}

// Leave ends what Join began.
func (t Team) Leave() error { return distributed.DestroyProcessGroup() }

// Size returns how many processes there are.
func (t Team) Size() int { return t.others + 1 }

// Leads reports whether this process prints, judges and saves.
func (t Team) Leads() bool { return t.Rank == 0 }

// Voice returns w if this process prints, else a writer that drops what it is given.
func (t Team) Voice(w io.Writer) io.Writer {
	if t.Leads() {
		return w
	}
	return io.Discard
}

// Sum returns the sums of values over the team.
func (t Team) Sum(values ...float64) ([]float64, error) {
	if t.others == 0 {
		return values, nil
	}
	x := torch.FromSlice(values)
	defer x.Close()
	if _, err := distributed.AllReduce(x); err != nil {
		return nil, err
	}
	return torch.ToSlice[float64](x), nil
}

// Mean returns the mean of a value over the team.
func (t Team) Mean(value float64) (float64, error) {
	sums, err := t.Sum(value)
	if err != nil {
		return 0, err
	}
	return sums[0] / float64(t.Size()), nil
}

// Share returns this process's rows of x, which are as many for each: a view.
func (t Team) Share(x *torch.Tensor) *torch.Tensor {
	n := x.Size(0) / t.Size()
	return x.Index(torch.Between(t.Rank*n, (t.Rank+1)*n))
}

// Forward returns the network's Forward, whose gradients are the means over the team after
// each backward pass, and what lets go of the team.
func Forward[M nn.Layer](t Team, net M) (forward func(x *torch.Tensor) *torch.Tensor, part func(), err error) {
	if t.others == 0 {
		return net.Forward, func() {}, nil
	}
	together, err := parallel.NewDistributedDataParallel(net)
	if err != nil {
		return nil, nil, err
	}
	return together.Forward, together.Close, nil
}
