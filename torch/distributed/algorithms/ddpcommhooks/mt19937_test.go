package ddpcommhooks

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// TestSeeds compares with numpy.random.RandomState(seed).randint(1_000_000_000), the first four
// and the 1001st.
func TestSeeds(t *testing.T) {
	for seed, want := range map[uint32][]int{
		0: {209652396, 398764591, 924231285, 404868288, 124845867},
		7: {327741615, 976413892, 128500249, 296233462, 767791539},
	} {
		m := newMT19937(seed)
		var got []int
		for i := range 1001 {
			if n := m.below(1_000_000_000); i < 4 || i == 1000 {
				got = append(got, n)
			}
		}
		assert.Equal(t, want, got)
	}
}
