package torch_test

import (
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestNoGradValue(t *testing.T) {
	w := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	y := torch.NoGradValue(func() *torch.Tensor {
		assert.False(t, torch.IsGradEnabled())
		return w.Mul(2)
	})
	assert.False(t, y.RequiresGrad())
	assert.True(t, torch.IsGradEnabled())
	assert.Equal(t, 2.0, torch.NoGradValue(func() float64 { return w.Sum().Item() }))
	assert.PanicsWithValue(t, "out", func() { torch.NoGradValue(func() int { panic("out") }) })
	assert.True(t, torch.IsGradEnabled())
	e := torchtest.Fails(t, func() { torch.NoGradValue[int](nil) })
	assert.Equal(t, "torch.NoGradValue: the function is nil", e.Error())
}

func TestInferenceValue(t *testing.T) {
	w := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	y := torch.InferenceValue(func() *torch.Tensor { return w.Mul(2) })
	assert.True(t, y.IsInference())
	assert.False(t, torch.IsInferenceModeEnabled())
	assert.Equal(t, []float32{2, 2}, torch.InferenceValue(func() []float32 { return torch.ToSlice[float32](w.Mul(2)) }))
	e := torchtest.Fails(t, func() { torch.InferenceValue[int](nil) })
	assert.Equal(t, "torch.InferenceValue: the function is nil", e.Error())
}

// output is what a model gives.
type output struct {
	Logits *torch.Tensor
	hidden []*torch.Tensor
	ByName map[string]*torch.Tensor
	Loss   float64
	Took   time.Time
	Err    error
}

// owner says itself which tensors it has.
type owner struct{ tensor *torch.Tensor }

func (o *owner) Tensors() []*torch.Tensor { return []*torch.Tensor{o.tensor, nil} }

// The tensors of a value live on, and no others.
func TestScoped(t *testing.T) {
	x := torch.Ones([]int{2})
	defer x.Close()
	for name, run := range map[string]func() []*torch.Tensor{
		"tensor": func() []*torch.Tensor {
			return []*torch.Tensor{torch.Scoped(func() *torch.Tensor { return x.Add(1).Mul(2) })}
		},
		"list": func() []*torch.Tensor {
			return torch.Scoped(func() []*torch.Tensor { return []*torch.Tensor{x.Add(1).Mul(2), nil} })[:1]
		},
		"twice": func() []*torch.Tensor {
			return torch.Scoped(func() []*torch.Tensor { y := x.Add(1).Mul(2); return []*torch.Tensor{y, y} })[:1]
		},
		"struct": func() []*torch.Tensor {
			o := torch.Scoped(func() output {
				y := x.Add(1)
				return output{y.Mul(2), []*torch.Tensor{y.Mul(2)}, map[string]*torch.Tensor{"y": y.Mul(2)}, y.Sum().Item(), time.Now(), nil}
			})
			assert.Equal(t, 4.0, o.Loss)
			return []*torch.Tensor{o.Logits, o.hidden[0], o.ByName["y"]}
		},
		"nested": func() []*torch.Tensor {
			nested := torch.Scoped(func() [1][]output { return [1][]output{{{Logits: x.Mul(4)}}} })
			return []*torch.Tensor{nested[0][0].Logits}
		},
		"a method": func() []*torch.Tensor {
			return []*torch.Tensor{torch.Scoped(func() *owner { return &owner{tensor: x.Mul(4)} }).tensor}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var result []*torch.Tensor
			torchtest.Leaks(t, func() {
				torch.Scope(func() {
					result = run()
					for _, y := range result {
						assert.Equal(t, []float32{4, 4}, floats(y))
					}
				})
				for _, y := range result {
					assert.True(t, y.IsClosed(), "the scope around closed it")
				}
			})
			torchtest.Leaks(t, func() {
				for _, y := range run() {
					assert.Equal(t, []float32{4, 4}, floats(y), "there is no scope around")
					y.Close()
				}
			})
		})
	}
	assert.Nil(t, torch.Scoped(func() *torch.Tensor { return nil }))
	assert.Nil(t, torch.Scoped(func() *owner { return nil }))
	assert.Same(t, x, torch.Scoped(func() *torch.Tensor { return x }), "it was made outside")
	assert.Equal(t, []float32{2, 2}, torch.Scoped(func() []float32 { return floats(x.Mul(2)) }))
	assert.EqualError(t, torch.Scoped(func() error { return errors.New("no") }), "no")

	var lost *torch.Tensor
	assert.PanicsWithValue(t, "out", func() {
		torch.Scoped(func() *torch.Tensor { lost = x.Mul(2); panic("out") })
	})
	assert.True(t, lost.IsClosed())
}

// Types that hide tensors are refused before the function is called.
func TestScopedRefuses(t *testing.T) {
	refuse := func(value, part string, f func()) {
		t.Helper()
		e := torchtest.Fails(t, f)
		assert.Equal(t, torch.TypeError, e.Kind)
		assert.Equal(t, fmt.Sprintf("torch.Scoped: a %s cannot be returned, since a tensor that it leads to would be closed: "+
			"return tensors, or structs, slices and maps of them, or give %s a method Tensors() []*torch.Tensor", value, part), e.Error())
	}
	refuse("interface {}", "interface {}", func() { torch.Scoped(func() any { panic("called") }) })
	refuse("*torch_test.output", "*torch_test.output", func() { torch.Scoped(func() *output { panic("called") }) })
	refuse("map[string][]interface {}", "interface {}", func() { torch.Scoped(func() map[string][]any { panic("called") }) })
	refuse("func() *torch.Tensor", "func() *torch.Tensor", func() { torch.Scoped(func() func() *torch.Tensor { panic("called") }) })
	refuse("iter.Seq[int]", "iter.Seq[int]", func() { torch.Scoped(func() iter.Seq[int] { panic("called") }) })
	type hides struct{ owner *owner }
	refuse("torch_test.hides", "*torch_test.owner", func() { torch.Scoped(func() hides { return hides{owner: new(owner)} }) })
	e := torchtest.Fails(t, func() { torch.Scoped[int](nil) })
	assert.Equal(t, "torch.Scoped: the function is nil", e.Error())
}

func ExampleScoped() {
	x := torch.NewTensor([]float32{3, 4})
	norm := torch.Scoped(func() *torch.Tensor {
		return x.Mul(x).Sum().Sqrt() // the square and the sum are freed
	})
	fmt.Println(norm)
	// Output: tensor(5.)
}

func ExampleInferenceValue() {
	w := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	scores := torch.InferenceValue(func() []float32 { return torch.ToSlice[float32](w.Mul(3)) })
	fmt.Println(scores)
	// Output: [3 3]
}

func ExampleNoGradValue() {
	w := torch.Ones([]int{2}, torch.TensorOptions{RequiresGrad: true})
	step := torch.NoGradValue(func() *torch.Tensor { return w.Mul(0.5) })
	fmt.Println(step)
	// Output: tensor([0.5000, 0.5000])
}
