package torch_test

import (
	"bytes"
	"math"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
)

type withMutex struct {
	sync.Mutex
	Epoch int
}

// counting has a state dict.
type counting struct{ N int }

func (c *counting) StateDict() map[string]any { return map[string]any{"n": c.N} }

// Nothing is lost without a word: the error says where it is and what to save.
func TestSaveRefusesWhatItWouldLose(t *testing.T) {
	const state = " cannot be saved, but its state can: save its StateDict() in its place"
	const hidden = " is not exported, so it would be lost: export it, leave it out with the tag `torch:\"-\"`, or put another value in the place of the struct"
	nested := torch.NestedTensor([]*torch.Tensor{torch.Ones([]int{2}), torch.Ones([]int{3})})
	type hides struct {
		Epoch int
		best  float64
	}
	type twice struct {
		LR   float64
		Rate float64 `torch:"lr"`
	}
	type badTag struct {
		LR float64 `torch:"lr,omitempty"`
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{counting{1}, "a torch_test.counting" + state},
		{&counting{1}, "a *torch_test.counting" + state},
		{map[string]any{"a": []counting{{1}}}, "a: [0]: a torch_test.counting" + state},
		{torch.DefaultGenerator(), "field handle of torch.Generator" + hidden},
		{nested, "a nested tensor cannot be saved: save the list that Unbind(0) returns"},
		{map[string]any{"x": nested}, "x: a nested tensor cannot be saved"},
		{hides{1, 0.5}, "field best of torch_test.hides" + hidden},
		{map[string]any{"a": []any{&hides{}}}, "a: [0]: field best of torch_test.hides" + hidden},
		{&withMutex{}, "mutex: field "},
		{time.Now(), "field wall of time.Time" + hidden},
		{assert.AnError, "field s of errors.errorString" + hidden},
		{*big.NewRat(1, 2), "field a of big.Rat" + hidden},
		{twice{1, 2}, "fields LR and Rate of torch_test.twice are both named lr: a tag `torch:\"name\"` changes that"},
		{badTag{}, "field LR of torch_test.badTag has the tag `torch:\"lr,omitempty\"`: after the comma there may be \"optional\""},
		{map[any]any{1: "a", true: "b"}, ": another key of the dict is the same in Python"},
		{map[any]any{int8(2): "a", 2.0: "b"}, ": another key of the dict is the same in Python"},
		{torch.OrderedDict{{Key: "a", Value: 1}, {Key: "a", Value: 2}}, "key a: another key of the dict is the same in Python"},
		{struct{ F func() }{}, "f: a func() cannot be saved"},
		{map[string]chan int{"c": nil}, "c: a chan int cannot be saved"},
		{uintptr(1), "a uintptr cannot be saved"},
	} {
		assert.ErrorContains(t, torch.SaveTo(c.value, &bytes.Buffer{}), "torch.SaveTo: ")
		assert.ErrorContains(t, torch.SaveTo(c.value, &bytes.Buffer{}), c.want, "%T", c.value)
	}
	assert.Equal(t, 12, again[any](t, *big.NewInt(12)))
	huge := new(big.Int).Lsh(big.NewInt(1), 100)
	assert.Equal(t, huge, again[any](t, *huge))
}

func TestLoadRefusesWhatIsNotThere(t *testing.T) {
	type row struct {
		Epoch int
		Note  string  `torch:"note,optional"`
		Best  float64 `torch:",optional"`
		cache []int   `torch:"-"`
	}
	type hides struct{ epoch int }
	_, _ = row{}.cache, hides{}.epoch
	for _, c := range []struct {
		into  func(any) error
		value any
		want  string
	}{
		{into[*counting], map[string]any{}, "a *torch_test.counting cannot be loaded, but its state can: load a map[string]interface {}, and give it to LoadStateDict"},
		{into[[]counting], []any{1}, "[0]: a torch_test.counting cannot be loaded"},
		{into[struct{ Rows []row }], map[string]any{}, "the dict lacks rows, which field Rows of "},
		{into[struct{ Rows []row }], map[string]any{"rows": []any{map[string]any{"note": "x"}}},
			"rows: [0]: the dict lacks epoch, which field Epoch of torch_test.row wants; the tag `torch:\"epoch,optional\"` lets it lack that"},
		{into[hides], map[string]any{"epoch": 1}, "field epoch of torch_test.hides is not exported"},
		{into[time.Time], map[string]any{}, "field wall of time.Time is not exported"},
		{into[int], nil, "None cannot be a int"},
		{into[struct{ LR float64 }], map[string]any{"lr": nil}, "lr: None cannot be a float64"},
		{into[float32], 1e300, "the float64 1e+300 cannot be a float32"},
	} {
		assert.ErrorContains(t, c.into(c.value), "torch.As: "+c.want)
	}
	got, err := torch.As[[]row]([]any{map[string]any{"epoch": 2, "more": 1}, map[string]any{"epoch": 3, "note": "n", "best": math.Inf(1)}})
	require.NoError(t, err)
	assert.Equal(t, []row{{Epoch: 2}, {Epoch: 3, Note: "n", Best: math.Inf(1)}}, got)
	none, err := torch.As[struct {
		X *torch.Tensor
		P *int
		M map[string]int
		L []int
		D torch.DType
		A any
	}](map[string]any{"x": nil, "p": nil, "m": nil, "l": nil, "d": nil, "a": nil})
	require.NoError(t, err)
	assert.Zero(t, none)
}

// into converts a value and gives the error.
func into[T any](value any) error {
	_, err := torch.As[T](value)
	return err
}
