package torch_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// warnings returns a list to which libtorch's warnings are added until the test ends.
func warnings(t *testing.T) *[]torch.Warning {
	t.Helper()
	var list []torch.Warning
	before := torch.SetWarningHandler(func(w torch.Warning) { list = append(list, w) })
	t.Cleanup(func() { torch.SetWarningHandler(before) })
	return &list
}

// oneElement is a tensor whose variance libtorch warns of.
func oneElement() *torch.Tensor { return torch.Ones([]int{1}) }

func TestWarningsComeOnceALine(t *testing.T) {
	skipWhereVarIsSilent(t)
	list := warnings(t)
	x := oneElement()
	_, _, here, _ := runtime.Caller(0)
	for range 3 {
		x.Var() // here + 2
	}
	require.Len(t, *list, 1, "one line, one text")
	w := (*list)[0]
	assert.Equal(t, torch.UserWarning, w.Category)
	assert.Contains(t, w.Message, "degrees of freedom is <= 0")
	assert.Contains(t, w.Source, "ReduceOps.cpp:")
	assert.Equal(t, "warning_test.go", filepath.Base(w.File))
	assert.Equal(t, here+2, w.Line)
	assert.Regexp(t, `^/.*warning_test\.go:\d+: UserWarning: .*\(Triggered internally at .*ReduceOps\.cpp:\d+\.\)$`, w.String())

	x.Var()
	assert.Len(t, *list, 2, "another line")
	x.Std()
	assert.Len(t, *list, 3, "another text")
	torch.VarMean(x)
	assert.Len(t, *list, 4, "an operator of several results")
	torch.SetWarningHandler(torch.SetWarningHandler(nil))
	for range 2 {
		x.Var()
	}
	assert.Len(t, *list, 5, "once more after SetWarningHandler")
}

func TestWarningsReachALogger(t *testing.T) {
	skipWhereVarIsSilent(t)
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, nil))
	before := torch.SetWarningHandler(func(w torch.Warning) { logger.Warn(w.Message, "category", w.Category, "line", w.Line) })
	defer func() { torch.SetWarningHandler(before) }()
	oneElement().Var()
	assert.Contains(t, text.String(), "level=WARN msg=\"var(): degrees of freedom is <= 0.")
	assert.Contains(t, text.String(), "category=UserWarning line=")
}

func TestWarningsOfAnErrorComeBeforeIt(t *testing.T) {
	skipWhereVarIsSilent(t)
	list := warnings(t)
	err := torch.Try(func() { oneElement().Var(); torch.Ones([]int{2}).Add(torch.Ones([]int{3})) })
	require.Error(t, err)
	assert.Len(t, *list, 1)
}

// A handler may forbid warnings: nothing is lost or held where it panics.
func TestPanicOfAWarningHandler(t *testing.T) {
	skipWhereVarIsSilent(t)
	var calls int
	before := torch.SetWarningHandler(func(w torch.Warning) { calls++; panic(w) })
	defer func() { torch.SetWarningHandler(before) }()
	torch.Scope(func() {
		x := oneElement()
		live := cgotorch.LiveBytes()
		for range 2 {
			assert.PanicsWithValue(t, "warned", func() {
				defer func() {
					w, ok := recover().(torch.Warning)
					assert.True(t, ok)
					assert.Contains(t, w.Message, "degrees of freedom")
					panic("warned")
				}()
				torch.VarMean(x)
			})
			torch.SetWarningHandler(torch.SetWarningHandler(nil)) // to be warned again
		}
		assert.Equal(t, 2, calls)
		assert.Equal(t, live, cgotorch.LiveBytes(), "results are dropped")
		x.Close()
		assert.True(t, x.IsClosed())
	})
}

// A handler may call operators, those that warn too, and end the goroutine.
func TestWarningHandlerCallsOperators(t *testing.T) {
	skipWhereVarIsSilent(t)
	var sums []float64
	before := torch.SetWarningHandler(func(torch.Warning) {
		sums = append(sums, torch.Ones([]int{3}).Sum().Item())
		if len(sums) < 3 {
			oneElement().Std()
		}
	})
	defer func() { torch.SetWarningHandler(before) }()
	assert.True(t, oneElement().Var().IsNaN().Bool())
	assert.Equal(t, []float64{3, 3}, sums, "the handler's own line is warned of once")

	torch.SetWarningHandler(func(torch.Warning) { runtime.Goexit() })
	var after atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		torch.VarMean(oneElement())
		after.Store(true)
	}()
	<-done
	assert.False(t, after.Load())
}

func TestWarningsOfManyGoroutines(t *testing.T) {
	skipWhereVarIsSilent(t)
	var n atomic.Int64
	before := torch.SetWarningHandler(func(torch.Warning) { n.Add(1) })
	defer func() { torch.SetWarningHandler(before) }()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				oneElement().Var()
			}
		})
	}
	group.Wait()
	torch.Ones([]int{1}) // takes what another goroutine's call left
	assert.Positive(t, n.Load())
	assert.LessOrEqual(t, n.Load(), int64(4), "one line; a warning may be taken by a call of another line")
}

// Some warnings come once in the life of the process, unless SetWarnAlways is on.
func TestWarnAlways(t *testing.T) {
	skipWhereVarIsSilent(t)
	list := warnings(t)
	assert.False(t, torch.IsWarnAlwaysEnabled())
	complexes := torch.FromSlice([]complex64{1i})
	complexes.To(torch.Float32) // from now on it was warned of
	*list = nil
	complexes.To(torch.Float32)
	assert.Empty(t, *list)
	torch.SetWarnAlways(true)
	defer torch.SetWarnAlways(false)
	assert.True(t, torch.IsWarnAlwaysEnabled())
	for range 2 {
		complexes.To(torch.Float32)
	}
	require.Len(t, *list, 1)
	assert.Contains(t, (*list)[0].Message, "Casting complex values to real discards the imaginary part")
}

func TestDeterministicAlgorithmsWarn(t *testing.T) {
	skipWhereVarIsSilent(t)
	list := warnings(t)
	torch.UseDeterministicAlgorithms(true, torch.DeterministicOptions{WarnOnly: true})
	defer torch.UseDeterministicAlgorithms(false)
	torch.Ones([]int{2}).PutInplace(torch.FromSlice([]int{0}), torch.FromSlice([]float32{2}))
	require.NotEmpty(t, *list)
	assert.Contains(t, (*list)[0].Message, "does not have a deterministic implementation")
}

func ExampleSetWarningHandler() {
	before := torch.SetWarningHandler(func(w torch.Warning) { fmt.Println(w.Category, filepath.Base(w.File), w.Message[:48]) })
	defer func() { torch.SetWarningHandler(before) }()
	x := torch.Ones([]int{2})
	add, _ := torch.Op("aten::add.out")
	for range 3 {
		_, _ = add.Call([]any{x, x}, map[string]any{"out": torch.Ones([]int{1})})
	}
	// Output: UserWarning warning_test.go An output with one or more elements was resized
}

// skipWhereVarIsSilent skips tests on a libtorch that does not warn of a variance of one
// element.
func skipWhereVarIsSilent(t *testing.T) {
	t.Helper()
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 does not warn of it")
	}
}
