package distributed_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

func init() { workers["collectives"] = checkCollectives }

func TestCollectivesOfTwo(t *testing.T)  { succeed(t, 2, "collectives") }
func TestCollectivesOfFour(t *testing.T) { succeed(t, 4, "collectives") }

func checkCollectives(t *testing.T) {
	rank, size := begin(t, distributed.InitOptions{Timeout: time.Minute})
	for _, step := range []struct {
		name  string
		check func(t *testing.T, rank, size int)
	}{
		{"AllReduce", checkAllReduce},
		{"Dtypes", checkDtypes},
		{"Roots", checkRoots},
		{"AllGather", checkAllGather},
		{"ReduceScatter", checkReduceScatter},
		{"AllToAll", checkAllToAll},
		{"Async", checkAsync},
		{"Messages", checkMessages},
		{"Barriers", checkBarriers},
		{"Leaves", checkLeaves},
		{"Gradients", checkGradients},
		{"SecondDerivatives", checkSecondDerivatives},
		{"Operators", checkOperators},
		{"Groups", checkGroups},
		{"Meshes", checkMeshes},
		{"Objects", checkObjects},
		{"Refused", checkRefused},
	} {
		t.Run(step.name, func(t *testing.T) { step.check(t, rank, size) })
	}
}

// floats is a tensor of numbers.
func floats(values ...float32) *torch.Tensor { return torch.FromSlice(values) }

func slice(x *torch.Tensor) []float32 { return torch.ToSlice[float32](x) }

func checkAllReduce(t *testing.T, rank, size int) {
	n := float32(size)
	sum := n * (n + 1) / 2
	product := float32(1)
	for i := 1; i <= size; i++ {
		product *= float32(i)
	}
	for _, c := range []struct {
		op   distributed.ReduceOp
		want float32
	}{{"", sum}, {distributed.Sum, sum}, {distributed.Product, product}, {distributed.Min, 1}, {distributed.Max, n}, {distributed.Avg, sum / n}} {
		x := floats(float32(rank+1), float32(rank+1))
		must(t)(distributed.AllReduce(x, distributed.ReduceOptions{Op: c.op}))
		assert.Equal(t, []float32{c.want, c.want}, slice(x), "%q", c.op)
	}
	bits := []int64{1 << rank, 3}
	for _, c := range []struct {
		op   distributed.ReduceOp
		want []int64
	}{{distributed.BOr, []int64{1<<size - 1, 3}}, {distributed.BAnd, []int64{0, 3}}, {distributed.BXor, []int64{1<<size - 1, 0}}} {
		x := torch.FromSlice(bits)
		must(t)(distributed.AllReduce(x, distributed.ReduceOptions{Op: c.op}))
		assert.Equal(t, c.want, torch.ToSlice[int64](x), "%q", c.op)
	}
	x, y := floats(float32(rank)), floats(1, 2)
	must(t)(distributed.AllReduceCoalesced([]*torch.Tensor{x, y}))
	assert.Equal(t, []float32{sum - n}, slice(x))
	assert.Equal(t, []float32{n, 2 * n}, slice(y))
}

func checkDtypes(t *testing.T, rank, size int) {
	for _, dtype := range []torch.DType{torch.Float32, torch.Float64, torch.Float16, torch.BFloat16, torch.Int8, torch.Uint8, torch.Int32,
		torch.Int64, torch.Complex64} {
		x := torch.Full([]int{2, 3}, rank+1, torch.TensorOptions{DType: dtype})
		must(t)(distributed.AllReduce(x))
		want := torch.Full([]int{2, 3}, size*(size+1)/2, torch.TensorOptions{DType: dtype})
		assert.True(t, torch.Equal(want, x), "%v: %v", dtype, x)
	}
}

func checkRoots(t *testing.T, rank, size int) {
	for root := range size {
		x := floats(float32(rank), 7)
		must(t)(distributed.Broadcast(x, root))
		assert.Equal(t, []float32{float32(root), 7}, slice(x))

		x = floats(float32(rank + 1))
		must(t)(distributed.Reduce(x, root))
		if rank == root {
			assert.Equal(t, []float32{float32(size*(size+1)) / 2}, slice(x))
		}

		var outputs, inputs []*torch.Tensor
		if rank == root {
			for i := range size {
				outputs = append(outputs, torch.Zeros([]int{1}))
				inputs = append(inputs, floats(float32(10*i)))
			}
		}
		must(t)(distributed.Gather(floats(float32(rank)), outputs, root))
		for i, x := range outputs {
			assert.Equal(t, []float32{float32(i)}, slice(x))
		}
		output := torch.Zeros([]int{1})
		must(t)(distributed.Scatter(output, inputs, root))
		assert.Equal(t, []float32{float32(10 * rank)}, slice(output))
	}
}

func checkAllGather(t *testing.T, rank, size int) {
	outputs := make([]*torch.Tensor, size)
	var all []float32
	for i := range outputs {
		outputs[i] = torch.Zeros([]int{2})
		all = append(all, float32(i), 5)
	}
	x := floats(float32(rank), 5)
	must(t)(distributed.AllGather(outputs, x))
	for i, y := range outputs {
		assert.Equal(t, []float32{float32(i), 5}, slice(y))
	}
	for _, gather := range []func(output, x *torch.Tensor, options ...distributed.Options) (*distributed.Work, error){
		distributed.AllGatherSingle, distributed.AllGatherIntoTensor} {
		output := torch.Zeros([]int{2 * size})
		must(t)(gather(output, x))
		assert.Equal(t, all, slice(output))
	}
	complexes := []*torch.Tensor{}
	lists := make([][]*torch.Tensor, size)
	for i := range size {
		complexes = append(complexes, torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Complex64}))
		lists[i] = []*torch.Tensor{torch.Zeros([]int{2}), torch.Zeros([]int{1})}
	}
	must(t)(distributed.AllGather(complexes, torch.FromSlice([]complex64{complex(0, float32(rank))})))
	assert.Equal(t, []complex64{1i}, torch.ToSlice[complex64](complexes[1]))
	must(t)(distributed.AllGatherCoalesced(lists, []*torch.Tensor{x, floats(float32(-rank))}))
	assert.Equal(t, []float32{1, 5}, slice(lists[1][0]))
	assert.Equal(t, []float32{-1}, slice(lists[1][1]))
}

func checkReduceScatter(t *testing.T, rank, size int) {
	var inputs []*torch.Tensor
	var whole []float32
	for i := range size {
		inputs = append(inputs, floats(float32(10*i+rank)))
		whole = append(whole, float32(10*i+rank))
	}
	want := []float32{float32(size*10*rank + size*(size-1)/2)}
	output := torch.Zeros([]int{1})
	must(t)(distributed.ReduceScatter(output, inputs))
	assert.Equal(t, want, slice(output))
	for _, reduce := range []func(output, x *torch.Tensor, options ...distributed.ReduceOptions) (*distributed.Work, error){
		distributed.ReduceScatterSingle, distributed.ReduceScatterTensor} {
		output := torch.Zeros([]int{1})
		must(t)(reduce(output, torch.FromSlice(whole)))
		assert.Equal(t, want, slice(output))
	}
	must(t)(distributed.ReduceScatterSingle(output, torch.FromSlice(whole), distributed.ReduceOptions{Op: distributed.Max}))
	assert.Equal(t, []float32{float32(10*rank + size - 1)}, slice(output))
}

func checkAllToAll(t *testing.T, rank, size int) {
	var outputs, inputs []*torch.Tensor
	var sent, received []float32
	var rows, counts []int
	for i := range size {
		outputs = append(outputs, torch.Zeros([]int{1}))
		inputs = append(inputs, floats(float32(10*rank+i)))
		sent = append(sent, float32(10*rank+i))
		received = append(received, float32(10*i+rank))
		rows = append(rows, i+1) // rank i gets i+1 rows of each
		counts = append(counts, rank+1)
	}
	must(t)(distributed.AllToAll(outputs, inputs))
	for i, x := range outputs {
		assert.Equal(t, []float32{received[i]}, slice(x))
	}
	output := torch.Zeros([]int{size})
	must(t)(distributed.AllToAllSingle(output, torch.FromSlice(sent)))
	assert.Equal(t, received, slice(output))

	total := size * (size + 1) / 2
	output = torch.Zeros([]int{size * (rank + 1)})
	must(t)(distributed.AllToAllSingle(output, torch.Full([]int{total}, float64(rank)),
		distributed.AllToAllSingleOptions{InputSplitSizes: rows, OutputSplitSizes: counts}))
	var want []float32
	for i := range size {
		want = append(want, slices.Repeat([]float32{float32(i)}, rank+1)...)
	}
	assert.Equal(t, want, slice(output))
}

// checkAsync has several collectives on their way at once.
func checkAsync(t *testing.T, _, size int) {
	var works []*distributed.Work
	var tensors []*torch.Tensor
	for i := range 5 {
		x := torch.Full([]int{1000}, float64(i))
		w, err := distributed.AllReduce(x, distributed.ReduceOptions{Async: true})
		require.NoError(t, err)
		works, tensors = append(works, w), append(tensors, x)
	}
	for i, w := range works {
		require.NoError(t, w.Wait())
		assert.True(t, w.IsCompleted())
		require.NoError(t, w.Wait(), "twice")
		assert.InDelta(t, float64(i*size), tensors[i].Mean().Item(), 0)
	}
}

func checkMessages(t *testing.T, rank, size int) {
	next, before := (rank+1)%size, (rank+size-1)%size
	x, y, z := floats(float32(rank)), torch.Zeros([]int{1}), torch.Zeros([]int{1})
	works, err := distributed.BatchIsendIrecv([]distributed.P2POp{
		{Send: true, Tensor: x, Peer: next, Tag: 1},
		{Send: true, Tensor: floats(float32(100 + rank)), Peer: next, Tag: 2},
		{Tensor: z, Peer: before, Tag: 2},
		{Tensor: y, Peer: before, Tag: 1},
	})
	require.NoError(t, err)
	for _, w := range works {
		require.NoError(t, w.Wait())
	}
	assert.Equal(t, []float32{float32(before)}, slice(y))
	assert.Equal(t, []float32{float32(100 + before)}, slice(z))

	if rank == 0 {
		require.NoError(t, distributed.Send(floats(3), 1))
		from, err := distributed.Recv(x, distributed.AnySource)
		require.NoError(t, err)
		assert.Equal(t, 1, from)
		assert.Equal(t, []float32{4}, slice(x))
	}
	if rank == 1 {
		from, err := distributed.Recv(x, 0)
		require.NoError(t, err)
		assert.Equal(t, 0, from)
		assert.Equal(t, []float32{3}, slice(x))
		w, err := distributed.Isend(floats(4), 0)
		require.NoError(t, err)
		require.NoError(t, w.Wait())
	}
}

func checkBarriers(t *testing.T, _, _ int) {
	must(t)(distributed.Barrier())
	require.NoError(t, distributed.MonitoredBarrier())
	require.NoError(t, distributed.MonitoredBarrier(distributed.MonitoredBarrierOptions{WaitAllRanks: true}))
}

// checkLeaves gives tensors that require gradients.
func checkLeaves(t *testing.T, rank, size int) {
	x := torch.Full([]int{2}, float64(rank), torch.TensorOptions{RequiresGrad: true})
	must(t)(distributed.AllReduce(x))
	assert.Equal(t, float32(size*(size-1)/2), slice(x)[0])
	assert.True(t, x.IsLeaf())
}

// checkOperators calls libtorch's operators by their names.
func checkOperators(t *testing.T, rank, size int) {
	name := distributed.DefaultGroup().Name()
	call := func(op string, args ...any) *torch.Tensor {
		o, err := torch.Op("_c10d_functional::" + op)
		require.NoError(t, err)
		results, err := o.Call(args, nil)
		require.NoError(t, err)
		return results[0].(*torch.Tensor)
	}
	sum := call("wait_tensor", call("all_reduce", floats(float32(rank)), "sum", name))
	assert.Equal(t, []float32{float32(size*(size-1)) / 2}, slice(sum))
}

func checkGroups(t *testing.T, rank, size int) {
	last := []int{size - 1, 0}
	g, err := distributed.NewGroup(last, distributed.GroupOptions{Description: "ends", Timeout: time.Minute})
	require.NoError(t, err)
	assert.Equal(t, []int{0, size - 1}, distributed.GetProcessGroupRanks(g))
	member := rank == 0 || rank == size-1
	x := floats(float32(rank))
	_, err = distributed.AllReduce(x, distributed.ReduceOptions{Group: g})
	if member {
		require.NoError(t, err)
		assert.Equal(t, []float32{float32(size - 1)}, slice(x))
		assert.Equal(t, 2, distributed.GetWorldSize(g))
		last, err := distributed.GetGlobalRank(g, 1)
		require.NoError(t, err)
		assert.Equal(t, size-1, last)
	} else {
		assert.ErrorContains(t, err, "in group ends: this process is no member of the group, whose members are [0 3]")
		assert.Equal(t, -1, distributed.GetRank(g))
		assert.Equal(t, -1, distributed.GetWorldSize(g))
	}
	require.NoError(t, distributed.DestroyProcessGroup(g))

	own, all, err := distributed.NewSubgroups(2)
	require.NoError(t, err)
	assert.Len(t, all, size/2)
	x = floats(float32(rank))
	must(t)(distributed.AllReduce(x, distributed.ReduceOptions{Group: own}))
	assert.Equal(t, []float32{float32(rank/2*4 + 1)}, slice(x))
}

func checkRefused(t *testing.T, rank, size int) {
	outside := size
	for name, c := range map[string]struct {
		err   func() error
		words string
	}{
		"twice": {func() error { return distributed.InitProcessGroup() }, "twice"},
		"root":  {func() error { _, err := distributed.Broadcast(floats(1), outside); return err }, "is no member of the group"},
		"op": {func() error {
			_, err := distributed.AllReduce(floats(1), distributed.ReduceOptions{Op: "mean"})
			return err
		}, `no reduction "mean"`},
		"nil":          {func() error { _, err := distributed.AllReduce(nil); return err }, "argument 'tensors' is nil"},
		"itself":       {func() error { return distributed.Send(floats(1), rank) }, "is this process itself"},
		"length":       {func() error { _, err := distributed.AllGather(nil, floats(1)); return err }, "outputs has 0 tensors, but the group has"},
		"not the root": {func() error { _, err := distributed.Gather(floats(1), []*torch.Tensor{nil}, (rank+1)%size); return err }, "outputs must be nil here"},
		"no dtype": {func() error {
			_, err := distributed.AllReduce(torch.Ones([]int{1}, torch.TensorOptions{DType: torch.Complex64}), distributed.ReduceOptions{Op: distributed.Max})
			return err
		}, "max is not for complex tensors"},
		"async monitor": {func() error {
			return distributed.MonitoredBarrier(distributed.MonitoredBarrierOptions{Options: distributed.Options{Async: true}})
		}, "cannot be async"},
		"timeout": {func() error { _, err := distributed.Barrier(distributed.Options{Timeout: -1}); return err }, "is negative"},
		"async timeout": {func() error {
			_, err := distributed.Isend(floats(1), 0, distributed.MessageOptions{Timeout: 1})
			return err
		}, "Work.Wait has"},
		"sparse strides": {func() error { _, err := distributed.AllReduce(torch.Ones([]int{4, 4}).Slice(1, 0, 4, 2)); return err }, "contiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.err()
			require.ErrorContains(t, err, c.words)
			assert.ErrorContains(t, err, "distributed.")
		})
	}
}
