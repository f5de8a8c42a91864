package distributed

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Backend is what moves tensors between processes.
type Backend string

// The backends.
const (
	Gloo Backend = "gloo" // tensors on the CPU, by TCP
	// NCCL moves tensors on CUDA devices, and gloo others: ranks in Python say
	// "cpu:gloo,cuda:nccl". It needs libtorch's CUDA variant, and has not run on GPUs yet.
	NCCL Backend = "nccl"
)

// ProcessGroup is a set of processes that compute together. Collectives are done by all of
// its members, in the same order on each.
//
// https://docs.pytorch.org/docs/stable/distributed.html#groups
type ProcessGroup struct {
	object      *torch.Object
	store       *Store   // where its members find each other
	within      *Store   // the same for groups within the default group
	stores      []*Store // of the default group, to be closed with it
	name        string   // the same on all ranks
	description string
	backend     Backend
	ranks       []int         // of its members in the default group
	rank        int           // this process's, -1 if it is no member
	timeout     time.Duration // when it was made
	peers       *peers
}

// world is what InitProcessGroup makes.
var world struct {
	sync.Mutex
	group  atomic.Pointer[ProcessGroup] // the default group
	count  int                          // of groups that were made, which name the next one
	groups []*ProcessGroup
}

// InitOptions are the options of [InitProcessGroup].
type InitOptions struct {
	// Backend is Gloo, which is the default, too, or NCCL.
	Backend Backend
	// InitMethod says where the processes find each other:
	//
	//	env://              MASTER_ADDR and MASTER_PORT, with RANK and WORLD_SIZE, or what
	//	                    Slurm's srun says; the default
	//	tcp://host:port     where the process of rank 0 is
	//	file:///path        a file that is not there yet, in a folder that all see
	InitMethod string
	// Rank and WorldSize say which process this is, and of how many.
	Rank      *int
	WorldSize int
	// Timeout is for finding each other and for each collective; [DefaultTimeout] where it
	// is 0.
	Timeout time.Duration
	// Store is used instead of InitMethod.
	Store *Store
}

// InitProcessGroup makes the default group, of all processes: each of them calls it, and
// it returns when they have found each other. Started by gotorch run, torchrun, srun or as a
// PyTorchJob it needs no options.
//
// It fails where the options or the environment do not say who this process is, if the
// master's port is in use or nobody answers there within the timeout, if processes are
// missing then, and if another process says that it has this rank or another world size.
// A master that is stopped, or hangs, is an error some seconds after the timeout.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.init_process_group
func InitProcessGroup(options ...InitOptions) error {
	const op = "InitProcessGroup"
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	world.Lock()
	defer world.Unlock()
	if world.group.Load() != nil {
		return &Error{Op: op, Rank: -1, Err: refusal(torch.ValueError, "trying to initialize the default process group twice!")}
	}
	backend, err := backendNamed(o.Backend)
	if err == nil && o.Timeout < 0 {
		err = refusal(torch.ValueError, "the timeout %v is negative", o.Timeout)
	}
	if err != nil {
		return &Error{Op: op, Rank: -1, Err: err}
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	m, err := meet(&o)
	g := &ProcessGroup{backend: backend, rank: m.rank, ranks: firstRanks(m.worldSize), timeout: o.Timeout}
	if err == nil {
		err = g.begin(m, o.Store == nil)
	}
	if err != nil {
		for _, store := range g.stores {
			store.Close()
		}
		world.count = 0
		e := &Error{Op: op, Rank: m.rank, Size: max(0, m.worldSize), Err: err}
		e.adopt(err)
		return e
	}
	world.group.Store(g)
	return nil
}

// begin makes the default group where its processes meet.
func (g *ProcessGroup) begin(m meeting, own bool) (err error) {
	g.store = m.store
	if own {
		g.stores = append(g.stores, m.store)
		if err := g.store.SetTimeout(g.timeout); err != nil {
			return err
		}
		if g.store, err = NewPrefixStore("default_pg", m.store); err != nil {
			return err
		}
		g.stores = append(g.stores, g.store)
		if err := g.introduce(); err != nil {
			return err
		}
	}
	if err := g.open(); err != nil {
		return err
	}
	g.peers = newPeers(g)
	if g.within, err = NewPrefixStore(g.name+"/", g.store); err == nil {
		g.stores = append(g.stores, g.within)
	}
	return err
}

// introduce tells the others who this process is, and fails where they say something else.
func (g *ProcessGroup) introduce() error {
	n := len(g.ranks)
	size, err := g.store.CompareSet("gotorch/world_size", nil, []byte(strconv.Itoa(n)))
	if err != nil {
		return err
	}
	if string(size) != strconv.Itoa(n) {
		return refusal(torch.ValueError, "the world size is %d here, but %s for another process", n, size)
	}
	count, err := g.store.Add(fmt.Sprintf("gotorch/rank/%d", g.rank), 1)
	if err == nil && count > 1 {
		err = refusal(torch.ValueError, "another process has rank %d, too, or had it before with the same store", g.rank)
	}
	return err
}

// open makes the group in libtorch, under the next name.
func (g *ProcessGroup) open() error {
	g.name = strconv.Itoa(world.count)
	world.count++
	if g.rank < 0 {
		return nil
	}
	object, err, answered := within(answerLimit(g.timeout), g.create, func(late *torch.Object) { _, _ = shut(late) })
	if !answered { // all but the store has limits in libtorch
		return g.store.silence("ProcessGroup", g.timeout)
	}
	if err != nil && strings.Contains(err.Error(), "remote server shutdown") { // the store's words
		return &Error{Op: "ProcessGroup", Rank: -1, Peer: g.store.other(), Err: err}
	}
	if err == nil {
		g.object = object
		world.groups = append(world.groups, g)
		if g.backend == NCCL {
			err = g.attachNCCL()
		}
	}
	return err
}

// create makes the group in libtorch, where the others must come, too.
func (g *ProcessGroup) create() (object *torch.Object, err error) {
	err = method("group.new", func(c *torch.Call) {
		c.String(g.name)
		c.Object(g.store.object)
		c.String(string(Gloo))
		c.Int(g.rank)
		c.Int(len(g.ranks))
		c.Int(milliseconds(g.timeout))
		c.String(g.name)
		c.String(g.description)
		c.Ints(g.ranks)
	}, func(r *torch.Results) { object = r.Object() })
	return object, err
}

// backendNamed returns the backend that an option names.
func backendNamed(name Backend) (Backend, error) {
	switch name {
	case "", Gloo, "cpu:gloo":
		return Gloo, nil
	case NCCL, "cpu:gloo,cuda:nccl":
		if err := internals.LoadCUDAShim(); err != nil {
			return "", refusal(torch.UnsupportedError, "the backend nccl needs libtorch's CUDA variant: %v", err)
		}
		return NCCL, nil
	}
	return "", refusal(torch.ValueError, "there is no backend %q; there are gloo and nccl", string(name))
}

// firstRanks returns the ranks of a world of n processes.
func firstRanks(n int) []int {
	ranks := make([]int, max(0, n))
	for i := range ranks {
		ranks[i] = i
	}
	return ranks
}

// IsInitialized reports whether [InitProcessGroup] has made the default group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.is_initialized
func IsInitialized() bool { return world.group.Load() != nil }

// DestroyProcessGroup ends a group that [NewGroup] made, or all of them and the default
// group. It waits for what they have begun. Afterwards [InitProcessGroup] can be called
// again, with another port or file.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.destroy_process_group
func DestroyProcessGroup(group ...*ProcessGroup) error {
	const op = "DestroyProcessGroup"
	g, err := option.AtMostOne(group)
	if err != nil {
		return err
	}
	world.Lock()
	defer world.Unlock()
	standard := world.group.Load()
	switch {
	case standard == nil:
		return &Error{Op: op, Rank: -1, Err: errNotInitialized}
	case g != nil && g != standard && g.rank < 0:
		return nil
	case g != nil && g != standard && !slices.Contains(world.groups, g):
		return &Error{Op: op, Rank: -1, Err: refusal(torch.ValueError, "Invalid process group specified")}
	}
	ending := []*ProcessGroup{g}
	if g == nil || g == standard {
		ending = slices.Clone(world.groups)
		slices.Reverse(ending)
		world.group.Store(nil)
		world.count = 0
	}
	for _, g := range ending {
		if failed := g.shut(); err == nil {
			err = g.fail(op, failed)
		}
	}
	world.groups = slices.DeleteFunc(world.groups, func(g *ProcessGroup) bool { return slices.Contains(ending, g) })
	if g == nil || g == standard {
		for _, store := range standard.stores {
			store.Close()
		}
	}
	return err
}

// shut ends the group in libtorch. After a fault of gloo's own threads its objects stay,
// since their end would wait for these threads.
func (g *ProcessGroup) shut() error {
	whole, err := shut(g.object)
	if !whole {
		broken = append(broken, g)
	}
	return err
}

// shut ends a group of libtorch, and says whether it could.
func shut(group *torch.Object) (whole bool, err error) {
	err = method("group.shut", func(c *torch.Call) { c.Object(group) }, func(r *torch.Results) { whole = r.Bool() })
	if whole {
		group.Close()
	}
	return whole, err
}

// broken has the groups that cannot be freed.
var broken []*ProcessGroup

var errNotInitialized = refusal(torch.ValueError, "Default process group has not been initialized, please make sure to call InitProcessGroup.")

// member returns the group, or the default one for nil, of which this process is a member.
func member(op string, group *ProcessGroup) (*ProcessGroup, error) {
	g := group
	if g == nil {
		g = world.group.Load()
	}
	switch {
	case g == nil:
		return nil, &Error{Op: op, Rank: -1, Err: errNotInitialized}
	case g.rank < 0:
		return nil, &Error{Op: op, Rank: -1, Group: g.description, Err: refusal(torch.ValueError,
			"this process is no member of the group, whose members are %v", g.ranks)}
	}
	return g, nil
}

// groupOr returns the group, or the default one for nil, which is nil before it is made.
func groupOr(group []*ProcessGroup) *ProcessGroup {
	if g := option.First(group); g != nil {
		return g
	}
	return world.group.Load()
}

// DefaultGroup returns the group of all processes, or nil before [InitProcessGroup].
//
// It is Python's torch.distributed.group.WORLD.
func DefaultGroup() *ProcessGroup { return world.group.Load() }

// GetRank returns the rank of this process in a group, or in the default group, and -1 if
// it is no member or there is no group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_rank
func GetRank(group ...*ProcessGroup) int {
	if g := groupOr(group); g != nil {
		return g.rank
	}
	return -1
}

// GetWorldSize returns how many processes are in a group, or in the default group, and -1
// if this process is no member or there is no group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_world_size
func GetWorldSize(group ...*ProcessGroup) int {
	if g := groupOr(group); g != nil && g.rank >= 0 {
		return len(g.ranks)
	}
	return -1
}

// GetBackend returns the backend of a group, or of the default group, and "" if there is
// no group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_backend
func GetBackend(group ...*ProcessGroup) Backend {
	if g := groupOr(group); g != nil {
		return g.backend
	}
	return ""
}

// GetProcessGroupRanks returns the ranks in the default group of a group's members, in the
// order of their ranks in the group.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_process_group_ranks
func GetProcessGroupRanks(group ...*ProcessGroup) []int {
	if g := groupOr(group); g != nil {
		return slices.Clone(g.ranks)
	}
	return nil
}

// GetGroupRank returns the rank in a group of a process of the default group. It fails if
// that is no member.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_group_rank
func GetGroupRank(group *ProcessGroup, globalRank int) (int, error) {
	g := groupOr([]*ProcessGroup{group})
	if g == nil {
		return -1, &Error{Op: "GetGroupRank", Rank: -1, Err: errNotInitialized}
	}
	rank := slices.Index(g.ranks, globalRank)
	if rank < 0 {
		return -1, g.fail("GetGroupRank", refusal(torch.ValueError, "rank %d is no member of the group, whose members are %v",
			globalRank, g.ranks))
	}
	return rank, nil
}

// GetGlobalRank returns the rank in the default group of a process of a group. It fails
// if the group has no such rank.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_global_rank
func GetGlobalRank(group *ProcessGroup, groupRank int) (int, error) {
	g := groupOr([]*ProcessGroup{group})
	if g == nil {
		return -1, &Error{Op: "GetGlobalRank", Rank: -1, Err: errNotInitialized}
	}
	if groupRank < 0 || groupRank >= len(g.ranks) {
		return -1, g.fail("GetGlobalRank", refusal(torch.ValueError, "the group has no rank %d: its ranks are 0 to %d",
			groupRank, len(g.ranks)-1))
	}
	return g.ranks[groupRank], nil
}

// SetTimeout sets how long the collectives of a group, or of the default group, wait.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.init_process_group
func SetTimeout(timeout time.Duration, group ...*ProcessGroup) error {
	const op = "SetTimeout"
	g, err := option.AtMostOne(group)
	if err != nil {
		return err
	}
	if g, err = member(op, g); err != nil {
		return err
	}
	if timeout <= 0 {
		return g.fail(op, refusal(torch.ValueError, "the timeout %v is not positive", timeout))
	}
	return g.fail(op, method("group.set_timeout", func(c *torch.Call) {
		c.Object(g.object)
		c.Int(milliseconds(timeout))
	}, nil))
}

// String returns what the group is: "group 1 of ranks [0 2]".
func (g *ProcessGroup) String() string {
	if g == nil {
		return "no group"
	}
	return fmt.Sprintf("group %s of ranks %v", g.name, g.ranks)
}

// Object returns what libtorch's operators take for the group, as arguments of the class
// c10d.ProcessGroup. It is nil where this process is no member.
func (g *ProcessGroup) Object() *torch.Object { return g.object }

// Name returns what libtorch's operators take for the group, as arguments called
// group_name.
func (g *ProcessGroup) Name() string { return g.name }
