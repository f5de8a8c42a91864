package quasirandom_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/quasirandom"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

type options = quasirandom.SobolEngineOptions

func TestPointsArePythons(t *testing.T) {
	var g struct {
		One, Many        torchtest.Tensor
		Plain, Scrambled []torchtest.Tensor
		Default          torchtest.Tensor   `json:"default generator"`
		FastForward      []torchtest.Tensor `json:"fast forward"`
		Base2            torchtest.Tensor   `json:"base 2"`
		Repr             []string
	}
	h := torchtest.Golden(t, "testdata/quasirandom.json", &g)
	float64s := quasirandom.DrawOptions{DType: torch.Float64}
	check := func(want torchtest.Tensor, got *torch.Tensor) {
		t.Helper()
		want.Check(t, got, true, 0) // sums of powers of 2 are exact everywhere
		_ = h
	}
	check(g.One, quasirandom.NewSobolEngine(3).Draw(1))
	plain := quasirandom.NewSobolEngine(3)
	check(g.Plain[0], plain.Draw(5))
	check(g.Plain[1], plain.Draw(3))
	check(g.Plain[2], plain.Reset().Draw(2))
	check(g.Plain[3], plain.Draw(1, float64s))
	assert.Equal(t, 3, plain.NumGenerated())

	scrambled := quasirandom.NewSobolEngine(5, options{Scramble: true, Seed: new(int64(7))})
	check(g.Scrambled[0], scrambled.Draw(4))
	check(g.Scrambled[1], scrambled.Draw(4))
	check(g.Scrambled[2], scrambled.Reset().Draw(2))

	torch.ManualSeed(3)
	check(g.Default, quasirandom.NewSobolEngine(2, options{Scramble: true}).Draw(4, float64s))

	fast := quasirandom.NewSobolEngine(4)
	check(g.FastForward[0], fast.FastForward(5).Draw(2))
	check(g.FastForward[1], fast.FastForward(7).FastForward(0).Draw(2))
	check(g.FastForward[2], fast.Reset().FastForward(1).Draw(1))

	check(g.Base2, quasirandom.NewSobolEngine(2).DrawBase2(3))
	check(g.Many, quasirandom.NewSobolEngine(quasirandom.MaxDim).Draw(2).Narrow(1, quasirandom.MaxDim-3, 3).Contiguous())
	for i, s := range []*quasirandom.SobolEngine{quasirandom.NewSobolEngine(3), quasirandom.NewSobolEngine(3, options{Scramble: true}),
		quasirandom.NewSobolEngine(3, options{Scramble: true, Seed: new(int64(7))})} {
		assert.Equal(t, g.Repr[i], s.String())
	}
}

// An engine outlives the scope that it was made and used in, and its first point is its own.
func TestEngineOutlivesScope(t *testing.T) {
	var s *quasirandom.SobolEngine
	torch.Scope(func() {
		s = quasirandom.NewSobolEngine(2)
		s.Draw(1).AddInplace(1)
		s.Draw(2)
	})
	assert.Equal(t, []float32{0.25, 0.75}, torch.ToSlice[float32](s.Draw(1)))
	assert.Equal(t, []float32{0, 0}, torch.ToSlice[float32](s.Reset().Draw(1)))
}

func TestRefused(t *testing.T) {
	drawn := quasirandom.NewSobolEngine(1)
	drawn.Draw(3)
	value := func(words string, call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.ValueError, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no dimension":    value("[1, 21201]", func() { quasirandom.NewSobolEngine(0) }),
		"many dimensions": value("[1, 21201]", func() { quasirandom.NewSobolEngine(21202) }),
		"no point":        value("want 1 point or more, got 0", func() { drawn.Draw(0) }),
		"backwards":       value("want 1 point or more, got -1", func() { drawn.FastForward(-1) }),
		"all points":      value("and 3 were drawn: there are no 1073741824 more", func() { drawn.FastForward(1 << 30) }),
		"no power":        value("then: n=3+2**1=5", func() { drawn.DrawBase2(1) }),
		"odd power":       value("want 1 point or more", func() { drawn.DrawBase2(-1) }),
		"zero": {Call: func() { new(quasirandom.SobolEngine).Draw(1) }, Kind: torch.TypeError,
			Words: "the engine is nil, or one that NewSobolEngine did not make"},
		"zero reset": {Call: func() { new(quasirandom.SobolEngine).Reset() }, Kind: torch.TypeError, Words: "the engine is nil"},
	})
}

func ExampleSobolEngine() {
	fmt.Println(quasirandom.NewSobolEngine(5).Draw(3))
	// Output:
	// tensor([[0.0000, 0.0000, 0.0000, 0.0000, 0.0000],
	//         [0.5000, 0.5000, 0.5000, 0.5000, 0.5000],
	//         [0.7500, 0.2500, 0.2500, 0.2500, 0.7500]])
}
