package torch_test

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// managedTensor is C's DLManagedTensor.
type managedTensor struct {
	data              unsafe.Pointer
	device, deviceID  int32
	dims              int32
	code, bits        uint8
	lanes             uint16
	shape, strides    *int64
	offset            uint64
	context, deletion unsafe.Pointer
}

func managed(p unsafe.Pointer) *managedTensor { return (*managedTensor)(p) }

func TestDLPackRoundTrip(t *testing.T) {
	x := torch.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	m := torch.ToDLPack(x.T())
	raw := managed(m)
	assert.Equal(t, []int32{1, 0, 2}, []int32{raw.device, raw.deviceID, raw.dims}, "on the CPU, two dimensions")
	assert.Equal(t, []uint8{2, 32, 1}, []uint8{raw.code, raw.bits, uint8(raw.lanes)}, "float32")
	assert.Equal(t, []int64{3, 2}, unsafe.Slice(raw.shape, 2))
	assert.Equal(t, []int64{1, 3}, unsafe.Slice(raw.strides, 2))
	assert.Equal(t, float32(6), unsafe.Slice((*float32)(raw.data), 6)[5])
	require.NotNil(t, raw.deletion)

	y := torch.FromDLPack(m)
	assert.Equal(t, []float32{1, 4, 2, 5, 3, 6}, torch.ToSlice[float32](y))
	x.MulInplace(2)
	assert.Equal(t, []float32{2, 8, 4, 10, 6, 12}, torch.ToSlice[float32](y), "the memory is shared")
	x.Close()
	assert.Equal(t, float32(2), torch.ToSlice[float32](y)[0], "and stays")

	for _, dtype := range []torch.DType{torch.Bool, torch.Uint8, torch.Int8, torch.Int16, torch.Int32, torch.Int64, torch.Float16, torch.BFloat16,
		torch.Float64, torch.Complex64} {
		x := torch.Ones([]int{2}, torch.TensorOptions{DType: dtype})
		if dtype == torch.Bool && torchtest.Old() {
			assert.ErrorContains(t, torch.Try(func() { torch.ToDLPack(x) }), "Bool type is not supported by dlpack")
			continue
		}
		y := torch.FromDLPack(torch.ToDLPack(x))
		assert.True(t, x.Equal(y), dtype)
	}
	scalar := torch.FromDLPack(torch.ToDLPack(torch.NewTensor(3)))
	assert.Equal(t, 3, scalar.Int())
	assert.Empty(t, scalar.Shape())
}

// The memory goes when the deleter was called, which is done once: by FreeDLPack, or when the
// last tensor is closed. Under the address sanitizer a second call would end the test.
func TestDLPackDeleter(t *testing.T) {
	memory := func(free func(m unsafe.Pointer)) {
		x := torch.Ones([]int{1000})
		watch, _ := internals.WatchStorage(x)
		defer watch.Free()
		m := torch.ToDLPack(x)
		x.Close()
		assert.False(t, watch.Gone(), "while nobody called the deleter")
		free(m)
		assert.True(t, watch.Gone())
	}
	memory(torch.FreeDLPack)
	memory(func(m unsafe.Pointer) { torch.FromDLPack(m).Close() })
	memory(func(m unsafe.Pointer) {
		y := torch.FromDLPack(m)
		view := y.Narrow(0, 0, 1)
		y.Close()
		assert.Equal(t, 1.0, view.Item())
		view.Close()
	})
	memory(func(m unsafe.Pointer) { torch.Scope(func() { torch.FromDLPack(m) }) })
	memory(func(m unsafe.Pointer) { // who is refused keeps the struct
		raw := managed(m)
		code, lanes, size := raw.code, raw.lanes, *raw.shape
		for _, c := range []struct {
			harm, mend func()
			words      string
		}{
			{func() { raw.code = 99 }, func() { raw.code = code }, "99"},
			{func() { raw.lanes = 4 }, func() { raw.lanes = lanes }, "lanes"},
			{func() { *raw.shape = -1 }, func() { *raw.shape = size }, "has the size -1 in dimension 0"},
			{func() { raw.dims = -1 }, func() { raw.dims = 1 }, "has -1 dimensions"},
			{func() { raw.device = 99 }, func() { raw.device = 1 }, ""},
		} {
			c.harm()
			assert.ErrorContains(t, torch.Try(func() { torch.FromDLPack(m) }), c.words)
			c.mend()
		}
		torch.FromDLPack(m).Close()
	})
	memory(func(m unsafe.Pointer) { // no deleter: the memory is somebody else's
		raw := managed(m)
		deletion := raw.deletion
		raw.deletion = nil
		torch.FromDLPack(m).Close()
		torch.FreeDLPack(m)
		raw.deletion = deletion
		torch.FreeDLPack(m)
	})
}

func TestDLPackRefuses(t *testing.T) {
	grad := torch.Ones([]int{1}).SetRequiresGrad(true)
	value := func(words string, x *torch.Tensor) torchtest.Refused {
		return torchtest.Refused{Call: func() { torch.ToDLPack(x) }, Kind: torch.ValueError, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"gradients":   value("requires gradients cannot be exported; use Detach", grad),
		"conjugate":   value("use ResolveConj", torch.NewTensor([]complex64{1i}).Conj()),
		"sparse":      value("layout torch.sparse_coo", torch.Eye(2).ToSparse()),
		"meta":        value("on meta", torch.Empty([]int{1}, torch.TensorOptions{Device: torch.Meta})),
		"nil":         {Call: func() { torch.ToDLPack(nil) }, Kind: torch.TypeError, Words: "the tensor is nil"},
		"from nil":    {Call: func() { torch.FromDLPack(nil) }, Kind: torch.TypeError, Words: "must not be nil"},
		"nil is kept": {Call: func() { torch.FreeDLPack(nil) }, Kind: torch.TypeError, Words: "must not be nil"},
	})
}

func TestBorrow(t *testing.T) {
	x := torch.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	view := x.Select(0, 1)
	torch.Borrow(view, func(elements []float32) {
		assert.Equal(t, []float32{3, 4}, elements)
		elements[0] = 30
		x.Close()
		view.Close()
		assert.Equal(t, float32(4), elements[1], "the memory stays until f returns")
	})
	y := torch.Zeros([]int{2, 2})
	torch.Borrow(y, func(elements []float32) { elements[3] = 1 })
	assert.Equal(t, []float32{0, 0, 0, 1}, torch.ToSlice[float32](y))
	torch.Borrow(torch.Zeros([]int{0}), func(elements []float32) { assert.Empty(t, elements) })
	before := torchtest.LiveTensors()
	assert.Panics(t, func() { torch.Borrow(y, func([]float32) { panic("in f") }) })
	assert.Equal(t, before, torchtest.LiveTensors())

	refused := func(kind torch.ErrorKind, words string, call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: kind, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"dtype": refused(torch.TypeError, "the tensor's dtype is torch.float32, but a float64 is one of torch.float64", func() { torch.Borrow(y, func([]float64) {}) }),
		"order": refused(torch.ValueError, "x.Contiguous()", func() { torch.Borrow(y.T(), func([]float32) {}) }),
		"device": refused(torch.ValueError, "the tensor is on meta", func() {
			torch.Borrow(y.To(torch.Meta), func([]float32) {})
		}),
		"layout": refused(torch.ValueError, "row-major order", func() { torch.Borrow(torch.Eye(2).ToSparse(), func([]float32) {}) }),
		"bool": refused(torch.TypeError, "x.ViewDType(torch.Uint8)", func() {
			torch.Borrow(torch.NewTensor([]bool{true}), func([]bool) {})
		}),
		"nil":         refused(torch.TypeError, "the tensor is nil", func() { torch.Borrow(nil, func([]bool) {}) }),
		"no function": refused(torch.TypeError, "the function is nil", func() { torch.Borrow[float32](y, nil) }),
	})
}

func ExampleBorrow() {
	x := torch.Zeros([]int{3})
	torch.Borrow(x, func(elements []float32) {
		for i := range elements {
			elements[i] = float32(i * i)
		}
	})
	fmt.Println(x)
	// Output: tensor([0., 1., 4.])
}

func ExampleToDLPack() {
	x := torch.Ones([]int{2})
	y := torch.FromDLPack(torch.ToDLPack(x)) // what another library would do
	x.AddInplace(1)
	fmt.Println(y)
	// Output: tensor([2., 2.])
}
