package cuda

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

// A summary is Python's, character by character.
func TestMemorySummary(t *testing.T) {
	var cases []struct {
		Stats       map[string]int
		Device      int
		Abbreviated bool
		Text        string
	}
	torchtest.Golden(t, "testdata/memory_summary.json", &cases)
	require.Len(t, cases, 2)
	for _, c := range cases {
		assert.Equal(t, c.Text, summary(c.Stats, c.Device, c.Abbreviated))
	}
}

func TestSegments(t *testing.T) {
	assert.Empty(t, segments(nil))
	assert.Equal(t, []Segment{
		{Device: 1, Address: 4096, TotalSize: 2048, AllocatedSize: 512, ActiveSize: 1024, RequestedSize: 500, Stream: 7, IsLarge: true,
			Blocks: []Block{
				{Address: 4096, Size: 512, RequestedSize: 500, State: BlockAllocated},
				{Address: 4608, Size: 512, RequestedSize: 0, State: BlockPendingFree},
				{Address: 5120, Size: 1024, State: BlockInactive},
			}},
		{Address: 8192, TotalSize: 512, IsExpandable: true},
	}, segments([]int{
		1, 4096, 2048, 512, 1024, 500, 7, 1, 0, 3, 512, 500, 1, 1, 512, 0, 0, 1, 1024, 0, 0, 0,
		0, 8192, 512, 0, 0, 0, 0, 0, 1, 0,
	}))
}
