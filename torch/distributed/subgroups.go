package distributed

import (
	"slices"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// GroupOptions are the options of [NewGroup].
type GroupOptions struct {
	Backend Backend // default: that of the default group
	// Timeout is for each collective; [DefaultTimeout] where it is 0.
	Timeout     time.Duration
	Description string // for errors
	// SortRanks is whether the members' ranks in the group are in the order of those in the
	// default group, rather than in the order given; nil is true.
	SortRanks *bool
}

// NewGroup makes a group of some of the processes, by their ranks in the default group; nil
// is all. Every process calls it, whether it is a member or not, for each group, in the same
// order. Where this process is no member, the group's rank is -1, and collectives on it
// fail.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.new_group
func NewGroup(ranks []int, options ...GroupOptions) (*ProcessGroup, error) {
	const op = "NewGroup"
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	standard, err := member(op, nil)
	if err != nil {
		return nil, err
	}
	world.Lock()
	defer world.Unlock()
	g, err := standard.subgroup(ranks, o)
	if err == nil {
		err = g.open()
	}
	if err != nil {
		return nil, standard.fail(op, err)
	}
	return g, nil
}

// subgroup returns a group that is not open yet.
func (g *ProcessGroup) subgroup(ranks []int, o GroupOptions) (*ProcessGroup, error) {
	sub := &ProcessGroup{store: g.within, description: o.Description, backend: g.backend, timeout: o.Timeout, peers: g.peers}
	if o.Backend != "" {
		backend, err := backendNamed(o.Backend)
		if err != nil {
			return nil, err
		}
		sub.backend = backend
	}
	if o.Timeout < 0 {
		return nil, refusal(torch.ValueError, "the timeout %v is negative", o.Timeout)
	}
	if o.Timeout == 0 {
		sub.timeout = DefaultTimeout
	}
	if ranks == nil {
		ranks = g.ranks
	}
	sub.ranks = slices.Clone(ranks)
	if option.Or(o.SortRanks, true) {
		slices.Sort(sub.ranks)
	}
	seen := map[int]bool{}
	for _, rank := range sub.ranks {
		if rank < 0 || rank >= len(g.ranks) {
			return nil, refusal(torch.ValueError, "rank %d is out of range: the default group's ranks are 0 to %d", rank, len(g.ranks)-1)
		}
		if seen[rank] {
			return nil, refusal(torch.ValueError, "the ranks must be different, but %d is there twice", rank)
		}
		seen[rank] = true
	}
	sub.rank = slices.Index(sub.ranks, g.rank)
	return sub, nil
}

// NewSubgroups divides the processes of the default group into groups of so many with ranks
// in succession, and returns that of this process, and all. Every process calls it.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.new_subgroups
func NewSubgroups(groupSize int, options ...GroupOptions) (own *ProcessGroup, all []*ProcessGroup, err error) {
	const op = "NewSubgroups"
	standard, err := member(op, nil)
	if err != nil {
		return nil, nil, err
	}
	n := len(standard.ranks)
	if groupSize <= 0 || n%groupSize != 0 {
		return nil, nil, standard.fail(op, refusal(torch.ValueError,
			"the world size (%d) must be divisible by the size of the groups (%d)", n, groupSize))
	}
	return NewSubgroupsByEnumeration(slices.Collect(slices.Chunk(standard.ranks, groupSize)), options...)
}

// NewSubgroupsByEnumeration makes a group of each list of ranks, which may not overlap, and
// returns that of this process, or nil, and all. Every process calls it.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.new_subgroups_by_enumeration
func NewSubgroupsByEnumeration(lists [][]int, options ...GroupOptions) (own *ProcessGroup, all []*ProcessGroup, err error) {
	const op = "NewSubgroupsByEnumeration"
	standard, err := member(op, nil)
	if err != nil {
		return nil, nil, err
	}
	if len(lists) == 0 {
		return nil, nil, standard.fail(op, refusal(torch.ValueError, "there are no lists of ranks"))
	}
	seen := map[int]bool{}
	for _, rank := range slices.Concat(lists...) {
		if seen[rank] {
			return nil, nil, standard.fail(op, refusal(torch.ValueError, "rank %d is in two groups", rank))
		}
		seen[rank] = true
	}
	for _, ranks := range lists {
		g, err := NewGroup(ranks, options...)
		if err != nil {
			return nil, nil, err
		}
		if g.rank >= 0 {
			own = g
		}
		all = append(all, g)
	}
	return own, all, nil
}
