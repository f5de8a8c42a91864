package profiler_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/trace"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// program returns what scripts/golden/profiler_tables.py profiles.
func program() func() {
	net := nn.NewSequential(nn.NewConv2d(1, 2, 3), nn.NewReLU(), nn.NewFlatten(), nn.NewLinear(2*6*6, 5))
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1})
	x, y := torch.Randn([]int{4, 1, 8, 8}), torch.NewTensor([]int64{0, 1, 2, 3})
	return func() {
		torch.Scope(func() {
			optimizer.ZeroGrad()
			var loss *torch.Tensor
			profiler.RecordFunction("forward", func() { loss = functional.CrossEntropy(net.Forward(x), y) })
			loss.Backward()
		})
	}
}

// counts returns how many events of each name there are.
func counts(p *profiler.Profile) map[string]int {
	n := map[string]int{}
	for _, e := range p.Events() {
		n[e.Name]++
	}
	return n
}

// The same operators as Python's, as often, with the same shapes and FLOPs, and the same
// memory for each that makes a tensor.
func TestProgramIsPythons(t *testing.T) {
	type row struct {
		Name, Shapes         string
		Count, FLOPs, Memory int
	}
	var cases []struct{ Program []row }
	torchtest.Golden(t, "testdata/tables.json.gz", &cases)
	step := program()
	step()
	p := profiler.New(profiler.Options{RecordShapes: true, ProfileMemory: true, WithFLOPs: true})
	require.NoError(t, p.Run(step))
	got := map[string]row{}
	for _, r := range p.KeyAverages(profiler.KeyOptions{GroupByInputShape: true}).Rows {
		shapes := strings.ReplaceAll(fmt.Sprint(r.InputShapes), " ", ", ")
		got[r.Key+shapes] = row{r.Key, shapes, r.Count, r.FLOPs, r.SelfCPUMemory}
	}
	if torchtest.Old() {
		assert.Equal(t, 2880, got["aten::addmm[[5], [4, 72], [72, 5], [], []]"].FLOPs)
		return
	}
	for _, want := range cases[0].Program {
		if want.Name == "[memory]" {
			continue // when tensors are freed is a matter of the language
		}
		g := got[want.Name+want.Shapes]
		if !strings.HasPrefix(want.Name, "aten::") {
			g.Memory = want.Memory // the same
		}
		assert.Equal(t, want, g)
		delete(got, want.Name+want.Shapes)
	}
	delete(got, "[memory][]")
	assert.Empty(t, got)
}

func TestEvents(t *testing.T) {
	x := torch.Ones([]int{4, 3}, torch.TensorOptions{RequiresGrad: true})
	p := profiler.New(profiler.Options{WithStack: true, RecordShapes: true, ProfileMemory: true})
	assert.Empty(t, p.Events())
	assert.Empty(t, p.KeyAverages().Table())
	require.NoError(t, p.Run(func() {
		profiler.RecordFunction("outer", func() {
			y := functional.Linear(x, torch.Ones([]int{2, 3}), nil)
			y.Sum().Backward()
		})
	}))
	var outer *profiler.Event
	byName := map[string]*profiler.Event{}
	for i, e := range p.Events() {
		byName[e.Name] = e
		assert.GreaterOrEqual(t, e.CPUTimeTotal(), e.SelfCPUTimeTotal())
		if i > 0 {
			assert.GreaterOrEqual(t, e.Start, p.Events()[i-1].Start)
		}
	}
	outer = byName["outer"]
	require.NotNil(t, outer)
	assert.Nil(t, outer.Parent)
	assert.Equal(t, profiler.ScopeUser, outer.Scope)
	linear := byName["aten::linear"]
	assert.Same(t, outer, linear.Parent)
	assert.Contains(t, linear.Children, byName["aten::matmul"])
	assert.Equal(t, [][]int{{4, 3}, {2, 3}, nil}, linear.InputShapes)
	assert.Equal(t, []string{"float", "float", ""}, linear.InputTypes)
	assert.Equal(t, 32, linear.CPUMemory)
	assert.Equal(t, 0, linear.SelfCPUMemory())

	// Stacks name this file's functions, and backward passes those of the forward ones.
	require.NotEmpty(t, linear.Stack)
	assert.Regexp(t, `torch/nn/functional/.*\.go\(\d+\): functional.Linear$`, linear.Stack[0])
	assert.Regexp(t, `profiler_test.go\(\d+\): profiler_test.TestEvents.func1.1$`, linear.Stack[1])
	assert.Equal(t, linear.Stack, byName["aten::matmul"].Stack)
	assert.Regexp(t, `profiler_test.go\(\d+\): profiler_test.TestEvents.func1$`, outer.Stack[0])
	mm := byName["MmBackward0"]
	require.NotNil(t, mm)
	assert.Equal(t, linear.Stack, mm.Stack)
	assert.Contains(t, p.KeyAverages(profiler.KeyOptions{GroupByStackN: 2}).Table(), "profiler_test.go")

	path := filepath.Join(t.TempDir(), "stacks")
	require.NoError(t, p.ExportStacks(path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^testing\.go|testing.*tRunner;.*profiler_test.go\(\d+\):_profiler_test.TestEvents.func1.1;.*functional.Linear \d+$`, string(text))
	assert.ErrorContains(t, profiler.New().ExportStacks(path), "ExportStacks needs Options.WithStack")
	assert.ErrorContains(t, profiler.New(profiler.Options{WithStack: true}).ExportStacks(path), "nothing has been recorded yet")
}

// All goroutines are seen, each on threads of its own.
func TestGoroutines(t *testing.T) {
	p := profiler.New(profiler.Options{ProfileMemory: true})
	require.NoError(t, p.Run(func() {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				profiler.RecordFunction("worker", func() {
					for range 25 {
						torch.Scope(func() { torch.Ones([]int{3}).Exp() })
					}
				})
			})
		}
		all.Wait()
	}))
	assert.Equal(t, 100, counts(p)["aten::exp"])
	assert.Equal(t, 4, counts(p)["worker"])
	for _, e := range p.Events() {
		if e.Name == "aten::exp" {
			require.NotNil(t, e.Parent)
			assert.Equal(t, "worker", e.Parent.Name)
			assert.Equal(t, 12, e.CPUMemory, "its own goroutine's memory only")
		}
	}
}

func TestOneAtATime(t *testing.T) {
	p, q := profiler.New(), profiler.New()
	assert.EqualError(t, p.Stop(), "the profile has not been started")
	assert.ErrorContains(t, torch.Try(p.Step), "the profile has not been started")
	require.NoError(t, p.Start())
	assert.EqualError(t, p.Start(), "the profile has been started already")
	assert.ErrorContains(t, q.Start(), "Profiler is already enabled")
	torch.Ones([]int{1}).Exp().Close()
	require.NoError(t, p.Stop())
	assert.Equal(t, 1, counts(p)["aten::exp"])
	require.NoError(t, p.Start(), "again")
	require.NoError(t, p.Stop())
	assert.Empty(t, p.Events())

	// Another profile may have begun when a schedule wants to record.
	p = profiler.New(profiler.Options{Schedule: profiler.NewSchedule(1, 0, 1)})
	require.NoError(t, p.Start())
	require.NoError(t, q.Start())
	p.Step()
	require.NoError(t, q.Stop())
	assert.ErrorContains(t, p.Stop(), "Profiler is already enabled")

	for name, f := range map[string]func(){
		"panic":  func() { panic("the program's") },
		"Goexit": runtime.Goexit,
		"error":  func() { torch.Ones([]int{2}).Add(torch.Ones([]int{3})) },
	} {
		done := make(chan any)
		go func() {
			defer func() { done <- recover() }()
			p := profiler.New(profiler.Options{WithStack: true, Schedule: profiler.NewSchedule(0, 0, 1)})
			_ = p.Run(func() { profiler.RecordFunction("region", f) })
		}()
		assert.Equal(t, name == "Goexit", <-done == nil, name)
		require.NoError(t, profiler.New().Run(func() {}), name)
	}
	assert.Equal(t, []profiler.Activity{profiler.CPU}, profiler.SupportedActivities())
	assert.NoError(t, profiler.New(profiler.Options{Activities: profiler.SupportedActivities()}).Run(func() {}))
	assert.ErrorContains(t, profiler.New(profiler.Options{Activities: []profiler.Activity{profiler.CUDA}}).Start(),
		`the activity "CUDA" cannot be recorded, only [CPU]`)
	assert.ErrorContains(t, torch.Try(func() { profiler.RecordFunction("x", nil) }), "the function must not be nil")
	assert.ErrorContains(t, torch.Try(func() { _ = p.Run(nil) }), "the function must not be nil")
}

// Recordings start and stop while goroutines compute, and are torn neither by that nor by
// each other.
func TestAnyMoment(t *testing.T) {
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 3 {
		x := torch.Ones([]int{8, 8}, torch.TensorOptions{RequiresGrad: true})
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					torch.Scope(func() { profiler.RecordFunction("r", func() { x.Matmul(x).Sum().Backward() }) })
				}
			}
		})
	}
	for i := range 30 {
		p := profiler.New(profiler.Options{RecordShapes: true, ProfileMemory: true, WithFLOPs: true, WithStack: i%2 == 0})
		require.NoError(t, p.Start())
		torch.Ones([]int{100}).Exp().Close()
		require.NoError(t, p.Stop())
		assert.Equal(t, 1, counts(p)["aten::exp"])
	}
	close(stop)
	all.Wait()
}

func TestSchedule(t *testing.T) {
	actions := func(f func(int) profiler.Action, n int) string {
		text := ""
		for step := range n {
			text += f(step).String()[:1] + map[bool]string{true: "s"}[f(step) == profiler.RecordAndSave]
		}
		return text
	}
	type o = profiler.ScheduleOptions
	assert.Equal(t, "NWRRsNWRRsN", actions(profiler.NewSchedule(1, 1, 2), 9))
	assert.Equal(t, "NWRRsNNNNN", actions(profiler.NewSchedule(1, 1, 2, o{Repeat: 1}), 9))
	assert.Equal(t, "NNNNWRsNNWRs", actions(profiler.NewSchedule(2, 1, 1, o{SkipFirst: 2}), 10))
	assert.Equal(t, "NNWRsNNWRsN", actions(profiler.NewSchedule(2, 1, 1, o{SkipFirst: 2, SkipFirstWait: true}), 9))
	assert.Equal(t, "RsRsRs", actions(profiler.NewSchedule(0, 0, 1), 3))
	assert.ErrorContains(t, torch.Try(func() { profiler.NewSchedule(0, 0, 0) }), "Invalid profiler schedule arguments")
	assert.ErrorContains(t, torch.Try(func() { profiler.NewSchedule(0, 0, 1)(-1) }), "Step must be non-negative. Got -1.")
	assert.Equal(t, "Action(9)", profiler.Action(9).String())
}

func TestSteps(t *testing.T) {
	x := torch.Ones([]int{3})
	var ready []string
	steps := func(p *profiler.Profile) (names []string) {
		for _, e := range p.Events() {
			if e.Name == "ProfilerStep*" {
				names = append(names, fmt.Sprint(e.TraceName, " ", len(e.Children)))
			}
		}
		return names
	}
	o := profiler.Options{Schedule: profiler.NewSchedule(1, 1, 2, profiler.ScheduleOptions{Repeat: 2})}
	o.OnTraceReady = func(p *profiler.Profile) error {
		ready = append(ready, fmt.Sprintf("%d%v %d", p.StepNum(), steps(p), counts(p)["aten::exp"]))
		return nil
	}
	run := func(o profiler.Options, n int) (*profiler.Profile, error) {
		ready = nil
		p := profiler.New(o)
		return p, p.Run(func() {
			for i := range n {
				for range i + 1 {
					x.Exp().Close()
				}
				p.Step()
			}
		})
	}
	p, err := run(o, 10)
	require.NoError(t, err)
	assert.Equal(t, []string{"4[ProfilerStep#2 3 ProfilerStep#3 4] 7", "8[ProfilerStep#6 7 ProfilerStep#7 8] 15"}, ready)
	assert.Equal(t, 15, counts(p)["aten::exp"])
	o.AccEvents = true
	p, err = run(o, 10)
	require.NoError(t, err)
	assert.Equal(t, 22, counts(p)["aten::exp"])

	// What is being recorded in the end is handed over, too.
	p, err = run(profiler.Options{Schedule: profiler.NewSchedule(0, 0, 100), OnTraceReady: o.OnTraceReady}, 2)
	require.NoError(t, err)
	for _, e := range p.Events() {
		assert.Equal(t, p.Events()[0].Thread, e.Thread, "steps that follow one another are on one thread")
	}
	assert.Equal(t, []string{"2[ProfilerStep#0 1 ProfilerStep#1 2 ProfilerStep#2 0] 3"}, ready)
	_, err = run(profiler.Options{OnTraceReady: o.OnTraceReady}, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"2[] 3"}, ready, "without a schedule there are no regions of steps")

	failed := errors.New("disk full")
	_, err = run(profiler.Options{Schedule: profiler.NewSchedule(0, 0, 1), OnTraceReady: func(*profiler.Profile) error { return failed }}, 1)
	assert.ErrorIs(t, err, failed)
	_, err = run(profiler.Options{Schedule: func(step int) profiler.Action { return profiler.Record - profiler.Action(min(step, 1)) }}, 1)
	assert.ErrorContains(t, err, "incorrect schedule: Record followed by Warmup in step 1")
	assert.ErrorContains(t, torch.Try(func() { _ = profiler.New(profiler.Options{Schedule: func(int) profiler.Action { return 9 }}).Start() }),
		"there is no action 9")

	// A step belongs to a goroutine.
	p = profiler.New(profiler.Options{Schedule: profiler.NewSchedule(0, 0, 1)})
	require.NoError(t, p.Start())
	elsewhere := make(chan error)
	go func() { elsewhere <- torch.Try(p.Step) }()
	assert.ErrorContains(t, <-elsewhere, "one calls Start, Step and Stop")
	require.NoError(t, p.Stop())
}

// Regions are those of runtime/trace, too, whether the profiler runs or not.
func TestGoTrace(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, trace.Start(&out))
	p := profiler.New(profiler.Options{Schedule: profiler.NewSchedule(1, 0, 1)})
	require.NoError(t, p.Run(func() {
		profiler.RecordFunction("not recorded", func() {})
		p.Step()
		profiler.RecordFunction("recorded", func() {})
	}))
	trace.Stop()
	for _, name := range []string{"not recorded", "recorded", "ProfilerStep#0", "ProfilerStep#1"} {
		assert.Contains(t, out.String(), name)
	}
	assert.Equal(t, map[string]int{"ProfilerStep*": 1, "recorded": 1}, counts(p))
}
