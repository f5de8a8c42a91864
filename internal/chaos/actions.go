package main

import (
	"bytes"
	"context"
	"runtime"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// action is something that a goroutine does.
type action struct {
	name   string
	weight int
	nests  bool // it does other actions within itself
	do     func(a *actor)
}

var actions []action

// weights is the sum of all.
var weights int

func init() {
	actions = []action{
		{"make", 30, false, func(a *actor) { a.put(a.fresh()) }},
		{"add", 60, false, (*actor).add},
		{"list", 20, false, (*actor).list},
		{"ask", 20, false, (*actor).ask},
		{"close", 30, false, func(a *actor) { a.pick().x.Close() }},
		{"keep", 5, false, func(a *actor) { a.pick().x.Keep() }},
		{"copy", 20, false, (*actor).copy},
		{"wrong", 10, false, (*actor).wrong},
		{"in place", 10, false, (*actor).inPlace},
		{"scope", 20, true, func(a *actor) { torch.Scope(a.several) }},
		{"mode", 20, true, (*actor).mode},
		{"many in modes", 1, true, (*actor).manyInModes},
		{"backward", 30, false, (*actor).backward},
		{"grad", 20, false, (*actor).grad},
		{"function", 20, true, (*actor).function},
		{"saved hooks", 10, true, (*actor).savedHooks},
		{"node", 10, false, (*actor).node},
		{"collect", 1, false, func(*actor) { cgotorch.Collect() }},
		{"gc", 1, false, func(*actor) { runtime.GC() }},
		{"loader", 2, true, (*actor).loader},
		{"pull", 2, true, (*actor).pull},
		{"file", 3, false, (*actor).file},
		{"random", 10, false, (*actor).random},
		{"goexit", 1, true, (*actor).goexit},
	}
	for _, action := range actions {
		weights += action.weight
	}
}

// several does a few things.
func (a *actor) several() {
	for range a.IntN(5) {
		a.act()
	}
}

func (a *actor) add() {
	p, q := a.pick(), a.pick()
	if a.IntN(3) == 0 {
		q = p
	}
	if p.x.Numel() != q.x.Numel() {
		q = &item{q.x.Narrow(0, 0, 1), q.value}
	}
	sum := p.x.Add(q.x)
	a.check("add", sum, p.value+q.value)
	switch {
	case a.IntN(4) == 0 && sum.Numel() <= 50_000 && p.value+q.value < 1000:
		a.put(&item{sum, p.value + q.value})
	case a.IntN(2) == 0:
		sum.Close()
	}
}

func (a *actor) list() {
	list := make([]*torch.Tensor, 1+a.IntN(10))
	total := 0
	p := a.pick()
	for i := range list {
		list[i] = p.x
	}
	if a.IntN(2) == 0 {
		list[a.IntN(len(list))] = a.pick().x
	}
	for _, x := range list {
		total += x.Numel()
	}
	joined := torch.Cat(list, 0)
	if joined.Numel() != total {
		a.fail("cat: %d elements, want %d", joined.Numel(), total)
	}
	joined.Close()
}

func (a *actor) ask() {
	p := a.pick()
	if shape := p.x.Shape(); len(shape) != 1 || p.x.DType() != torch.Float32 || !p.x.Device().IsCPU() {
		a.fail("a tensor of shape %v", shape)
	}
	_ = p.x.IsClosed()
	_ = p.x.Stride()
	if p.x.Numel() < 20 {
		_ = p.x.String()
	}
	if v := p.x.Max().Item(); v != float64(p.value) {
		a.fail("max is %v, want %v", v, p.value)
	}
}

func (a *actor) copy() {
	p := a.pick()
	a.check("copy", p.x, p.value)
	clone := p.x.Clone()
	go clone.Close()
	a.check("clone", clone, p.value)
}

// wrong does what cannot be done.
func (a *actor) wrong() {
	x := a.pick().x
	for _, f := range []func(){
		func() { x.Add(torch.Ones([]int{2, 7})) },
		func() { x.Mm(x) },
		func() { x.Reshape(-1, 7, 11) },
		func() { x.Sum().Backward() },
		func() { torch.Zeros([]int{1 << 45}) },
		func() { x.Select(3, 0) },
	} {
		a.try(f)
	}
}

// inPlace changes a tensor of its own.
func (a *actor) inPlace() {
	it := a.fresh()
	it.x.AddInplace(1).SubInplace(1)
	a.check("in place", it.x, it.value)
	a.put(it)
}

func (a *actor) mode() {
	switch a.IntN(7) {
	case 0:
		torch.NoGrad(a.several)
	case 1:
		torch.InferenceMode(a.several)
	case 2:
		torch.EnableGrad(a.several)
	case 3:
		torch.WithNumThreads(1+a.IntN(2), a.several)
	case 4:
		torch.WithDevice(torch.CPU, a.several)
	case 5:
		torch.Autocast(torch.CPU, a.several, torch.AutocastOptions{Enabled: new(false)})
	case 6:
		torch.Scope(func() { torch.NoGrad(a.several); panic(planned{}) })
	}
}

// manyInModes starts more goroutines in modes than are let in at a time.
func (a *actor) manyInModes() {
	done := make(chan bool)
	const n = 100
	for range n {
		go func() {
			defer func() { done <- true }()
			torch.NoGrad(func() { torch.Scope(func() { a.check("in modes", torch.Ones([]int{3}).Mul(2), 2) }) })
		}()
	}
	for range n {
		<-done
	}
}

// samples is a dataset some of whose samples fail.
type samples struct{ panics, fails int }

func (samples) Len() int { return 9 }

func (s samples) At(index int) (*torch.Tensor, error) {
	switch index {
	case s.panics:
		panic(planned{})
	case s.fails:
		return nil, context.DeadlineExceeded
	}
	return torch.Full([]int{4}, 2.0), nil
}

func (a *actor) newLoader() *data.DataLoader[*torch.Tensor] {
	return data.NewDataLoader(samples{a.IntN(50), a.IntN(50)}, data.DataLoaderOptions{BatchSize: new(2), NumWorkers: a.IntN(3), Shuffle: true})
}

func (a *actor) loader() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := a.IntN(8)
	for batch, err := range a.newLoader().All(ctx) {
		if err != nil {
			return
		}
		a.check("a batch", batch, 2)
		switch stop--; {
		case stop == 0 && a.IntN(2) == 0:
			cancel()
		case stop == 0:
			return
		case stop == 1:
			batch.Keep()
		}
	}
}

func (a *actor) pull() {
	next, stop := a.newLoader().Pull(context.Background())
	defer stop()
	for range a.IntN(6) {
		torch.Scope(func() {
			if batch, err, ok := next(); ok && err == nil {
				a.check("a batch", batch, 2)
			}
		})
	}
}

func (a *actor) file() {
	p := a.pick()
	var file bytes.Buffer
	if torch.SaveTo(map[string]*torch.Tensor{"x": p.x}, &file) != nil {
		return
	}
	content := file.Bytes()
	if a.IntN(2) == 0 {
		content[a.IntN(len(content))]++
	}
	_, _ = torch.LoadFrom(bytes.NewReader(content), int64(len(content))) // it may be broken
}

func (a *actor) random() {
	x := torch.Rand([]int{10})
	if v := x.Max().Item(); v < 0 || v >= 1 {
		a.fail("a random number is %v", v)
	}
	g := torch.NewGenerator().ManualSeed(7)
	y := torch.Rand([]int{3}, torch.TensorOptions{Generator: g})
	g.ManualSeed(7)
	z := torch.Rand([]int{3}, torch.TensorOptions{Generator: g})
	if !torch.Equal(y, z) {
		a.fail("a seed gave other numbers")
	}
}

// goexit ends the goroutine, within modes or not.
func (a *actor) goexit() {
	if a.IntN(2) == 0 {
		runtime.Goexit()
	}
	torch.NoGrad(func() { torch.Scope(runtime.Goexit) })
}
