package distributed_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
)

// report is a value of Go.
type report struct {
	Name string
	Loss map[string]float64
}

func reportOf(rank int) report {
	return report{strings.Repeat("x", 1+10*rank), map[string]float64{"train": float64(rank)}}
}

func checkObjects(t *testing.T, rank, size int) {
	var want []report
	for i := range size {
		want = append(want, reportOf(i))
	}
	all, err := distributed.AllGatherObject(reportOf(rank))
	require.NoError(t, err)
	assert.Equal(t, want, all)

	gathered, err := distributed.GatherObject(reportOf(rank), 1)
	require.NoError(t, err)
	if rank == 1 {
		assert.Equal(t, want, gathered)
	} else {
		assert.Nil(t, gathered)
	}

	one, err := distributed.BroadcastObject(reportOf(rank), 1)
	require.NoError(t, err)
	assert.Equal(t, want[1], one)

	var values []report
	if rank == 0 {
		values = want
	}
	one, err = distributed.ScatterObjectList(values, 0)
	require.NoError(t, err)
	assert.Equal(t, want[rank], one)

	switch rank {
	case 0:
		require.NoError(t, distributed.SendObject([]string{"a", "b"}, 1))
	case 1:
		list, err := distributed.RecvObject[[]string](distributed.AnySource)
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, list)
	}

	_, err = distributed.AllGatherObject(make(chan int))
	assert.ErrorContains(t, err, "cannot be sent")
	pickle := torch.FromSlice([]byte{0x80, 4, 'N', '.'})
	switch rank {
	case 0:
		require.NoError(t, distributed.Send(torch.FromSlice([]int64{4}), 1))
		require.NoError(t, distributed.Send(pickle, 1))
	case 1:
		_, err := distributed.RecvObject[string](0)
		assert.ErrorContains(t, err, "a pickle of a rank in Python")
	}
}
