package checkpoint

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// region is where a tensor, or a part of it, lies in the whole.
type region struct{ Offsets, Shape []int }

// regionOf returns where a tensor lies, and the shape of the whole.
func regionOf(x *torch.Tensor) (r region, whole []int) {
	r = region{make([]int, x.Dim()), x.Shape()}
	shard := shards.Of(x)
	if shard == nil {
		return r, r.Shape
	}
	for s := shard; s != nil; s = s.Within {
		r.Offsets[s.Dim] += s.Offset
	}
	return r, shard.Whole()
}

func (r region) numel() int {
	n := 1
	for _, size := range r.Shape {
		n *= size
	}
	return n
}

// overlap returns what two regions share, and whether that is anything.
func (r region) overlap(other region) (both region, any bool) {
	any = true
	for d, begin := range r.Offsets {
		end := min(begin+r.Shape[d], other.Offsets[d]+other.Shape[d])
		begin = max(begin, other.Offsets[d])
		any = any && begin < end
		both.Offsets, both.Shape = append(both.Offsets, begin), append(both.Shape, end-begin)
	}
	return both, any
}

// of returns the view of a region in a tensor that is at r.
func (r region) of(x *torch.Tensor, part region) *torch.Tensor {
	for d, begin := range part.Offsets {
		x = x.Narrow(d, begin-r.Offsets[d], part.Shape[d])
	}
	return x
}

// entry is what a process tells the others of a tensor that it has.
type entry struct {
	Name   string
	Region region
	Whole  []int
	DType  string
	Bytes  int
}

// entries lists the tensors that a process has.
func entries(state nn.StateDict) ([]entry, error) {
	list := make([]entry, 0, len(state))
	known := map[string]bool{}
	for _, n := range state {
		if n.Tensor == nil {
			return nil, fmt.Errorf("tensor %q is nil", brief.Text(n.Name))
		}
		if known[n.Name] {
			return nil, fmt.Errorf("the name %q is there twice", brief.Text(n.Name))
		}
		known[n.Name] = true
		err := torch.Try(func() { // it may be closed
			r, whole := regionOf(n.Tensor)
			list = append(list, entry{n.Name, r, whole, n.Tensor.DType().String(), r.numel() * n.Tensor.ElementSize()})
		})
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", brief.Text(n.Name), err)
		}
	}
	return list, nil
}

// owned says for each process which of its tensors it writes: of those that several have alike
// one, so that all write about as much. All processes come to the same result.
func owned(all [][]entry) ([]map[string]bool, error) {
	type key struct{ name, place string }
	var keys []key
	having := map[key][]int{}
	first := map[string]entry{}
	bytes := map[key]int{}
	for rank, list := range all {
		for _, e := range list {
			if other, ok := first[e.Name]; !ok {
				first[e.Name] = e
			} else if other.DType != e.DType || !slices.Equal(other.Whole, e.Whole) {
				return nil, fmt.Errorf("tensor %q is %s of shape %v for rank %d, and %s of shape %v for another one", brief.Text(e.Name), e.DType, e.Whole, rank, other.DType, other.Whole)
			}
			if e.Region.numel() == 0 && !slices.Contains(e.Whole, 0) {
				continue // a part without elements
			}
			k := key{e.Name, fmt.Sprint(e.Region)}
			if having[k] == nil {
				keys = append(keys, k)
			}
			having[k] = append(having[k], rank)
			bytes[k] = e.Bytes
		}
	}
	load := make([]int, len(all))
	owners := make([]map[string]bool, len(all))
	for i := range owners {
		owners[i] = map[string]bool{}
	}
	for _, k := range keys {
		least := having[k][0]
		for _, rank := range having[k] {
			if load[rank] < load[least] {
				least = rank
			}
		}
		load[least] += bytes[k]
		owners[least][k.name] = true
	}
	return owners, nil
}

// team is the processes that save or load together, or one alone.
type team struct {
	group      *distributed.ProcessGroup
	rank, size int
}

// newTeam returns the processes of a group, or this one alone before InitProcessGroup.
func newTeam(group *distributed.ProcessGroup) team {
	if group == nil {
		group = distributed.DefaultGroup()
	}
	if group == nil {
		return team{nil, 0, 1}
	}
	return team{group, distributed.GetRank(group), distributed.GetWorldSize(group)}
}

// exchange returns the values of all processes.
func exchange[T any](t team, value T) ([]T, error) {
	if t.size == 1 {
		return []T{value}, nil
	}
	return distributed.AllGatherObject(value, distributed.Options{Group: t.group})
}

// agree returns the first error of any process, to all of them.
func (t team) agree(own error) error {
	text := ""
	if own != nil {
		text = own.Error()
	}
	all, err := exchange(t, text)
	if own != nil || err != nil {
		if own != nil {
			return own
		}
		return err
	}
	for rank, text := range all {
		if text != "" {
			return fmt.Errorf("rank %d: %s", rank, text)
		}
	}
	return nil
}
