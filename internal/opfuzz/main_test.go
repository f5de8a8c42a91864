package main

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// fakeEnv is set in workers that call no operators.
const fakeEnv = "GOTORCH_OPFUZZ_FAKE"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(fakeEnv) != "":
		if err := obey(os.Stdin, os.NewFile(3, "events"), fakeCall); err != nil {
			panic(err)
		}
	case os.Getenv(workerEnv) != "":
		if err := serve(); err != nil {
			panic(err)
		}
	default:
		torchtest.Main(m)
	}
}

// fakeCall does what the operator's name says at its call 1.
func fakeCall(op string, _ uint64, number int) event {
	if number == 1 {
		switch op {
		case "segfault":
			kill(syscall.SIGSEGV)
		case "killed":
			kill(syscall.SIGKILL)
		case "panic":
			panic("text")
		case "caught":
			return event{Outcome: panicked, Text: "text"}
		case "sleep":
			time.Sleep(time.Hour)
		}
	}
	if op == "refuse" {
		return event{Outcome: refused, Text: "no"}
	}
	return event{Outcome: gave}
}

// kill ends this process by a signal.
func kill(signal syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), signal); err != nil {
		panic(err)
	}
	select {}
}

func testFleet(env ...string) *fleet {
	return &fleet{seed: 7, workers: 2, patience: patience, command: func(ctx context.Context) *exec.Cmd {
		command := exec.CommandContext(ctx, os.Args[0])
		command.Env = append(os.Environ(), env...)
		return command
	}}
}

// TestDeathsAreSeen ends workers in each way, and looks that the others' calls are
// made all the same.
func TestDeathsAreSeen(t *testing.T) {
	f := testFleet(fakeEnv + "=1")
	f.patience = 2 * time.Second
	require.NoError(t, f.run([][]work{
		{{"fine", 0, 3}, {"segfault", 0, 3}, {"refuse", 0, 3}, {"sleep", 0, 3}},
		{{"killed", 0, 3}, {"panic", 0, 3}, {"caught", 1, 3}, {"fine", 3, 4}},
	}))
	hows := map[string]string{}
	for _, d := range f.tally.Deaths {
		assert.Equal(t, 1, d.From)
		assert.Equal(t, 1, d.Call)
		assert.EqualValues(t, 7, d.Seed)
		assert.Equal(t, "alone", d.Again)
		hows[d.Op] = d.How
	}
	assert.Equal(t, map[string]string{"segfault": "SIGSEGV", "killed": "SIGKILL", "panic": "panic", "caught": "panic", "sleep": "time-out"}, hows)
	assert.Equal(t, [...]int{21, 13, 3, 0, 1}, f.tally.Outcomes)
	assert.Equal(t, map[string]bool{"fine": true, "segfault": true, "sleep": true, "killed": true, "panic": true, "caught": true}, f.tally.Gave)

	list := map[string]listed{"segfault": {op: "segfault", how: "SIGFPE"}, "killed": {op: "killed", how: "SIGKILL"}, "sleep": {op: "sleep", how: "time-out"}}
	assert.EqualError(t, f.tally.report(io.Discard, 7, list, time.Second), "2 deaths that are not listed")
	list["segfault"] = listed{op: "segfault", how: "time-out"}
	assert.EqualError(t, f.tally.report(io.Discard, 7, list, time.Second), "3 deaths that are not listed")
	list["segfault"] = listed{op: "segfault", how: "SIGABRT,time-out"}
	list["sleep"] = listed{op: "sleep", how: "SIGABRT"}
	assert.EqualError(t, f.tally.report(io.Discard, 7, list, time.Second), "3 deaths that are not listed")
	list["sleep"] = listed{op: "sleep", how: "SIGABRT,time-out"}
	assert.EqualError(t, f.tally.report(io.Discard, 7, list, time.Second), "2 deaths that are not listed")
}

// TestOperators calls some operators that are known to live.
func TestOperators(t *testing.T) {
	f := testFleet()
	require.NoError(t, f.run([][]work{{{"aten::add.Tensor", 0, 50}, {"aten::relu", 0, 50}}, {{"aten::cat", 0, 50}, {"aten::zeros_like", 0, 50}}}))
	assert.Empty(t, f.tally.Deaths)
	assert.Equal(t, 200, f.tally.Outcomes[begins])
	assert.Equal(t, 200, f.tally.Outcomes[gave]+f.tally.Outcomes[refused])
	assert.Len(t, f.tally.Gave, 4)
	assert.NoError(t, f.tally.report(io.Discard, 4, nil, time.Second))
}

// TestTheSameCall draws calls twice.
func TestTheSameCall(t *testing.T) {
	texts := map[string]bool{}
	for _, op := range []string{"aten::add.Tensor", "aten::conv2d"} {
		for number := range 50 {
			first, err := inPython(op, 3, number)
			require.NoError(t, err)
			second, err := inPython(op, 3, number)
			require.NoError(t, err)
			assert.Equal(t, first, second)
			texts[first] = true
		}
	}
	assert.Len(t, texts, 100, "calls differ by operator and number")
	first, err := inPython("aten::add.Tensor", 4, 0)
	require.NoError(t, err)
	assert.False(t, texts[first], "and by seed")
}

// TestPlan looks that each call is made once, and listed operators apart.
func TestPlan(t *testing.T) {
	names := make([]string, 1000)
	for i := range names {
		names[i] = string(rune('a' + i))
	}
	list := map[string]listed{names[10]: {}, names[500]: {}}
	made := map[string]int{}
	batches := plan(names, 20_500, list, rand.New(rand.NewPCG(1, 0)))
	assert.Greater(t, len(batches), 2)
	for _, batch := range batches {
		_, fragile := list[batch[0].Op]
		for _, w := range batch {
			_, ok := list[w.Op]
			assert.Equal(t, fragile, ok)
			assert.Zero(t, made[w.Op])
			made[w.Op] = w.To - w.From
		}
	}
	total := 0
	for _, name := range names {
		assert.Contains(t, []int{20, 21}, made[name])
		total += made[name]
	}
	assert.Equal(t, 20_500, total)
}

// TestShared checks the list: it names operators that there are.
func TestShared(t *testing.T) {
	list, err := parseShared(sharedText)
	require.NoError(t, err)
	assert.NotEmpty(t, list)
	for name, l := range list {
		assert.Regexp(t, "^(SIG[A-Z]+|time-out|SIG[A-Z]+,time-out)$", l.how)
		_, err := torch.Op(name)
		if torch.Version() == cgotorch.SchemaVersion {
			assert.NoError(t, err)
		}
	}
	for text, words := range map[string]string{
		"aten::relu SIGSEGV":                            "not a crash",
		"aten::relu SIGSEGV x/1":                        "invalid syntax",
		"aten::relu SIGSEGV 1/x":                        "invalid syntax",
		"aten::relu SIGSEGV 1/2-x":                      "invalid syntax",
		"aten::relu SIGSEGV 1/1\naten::relu SIGFPE 1/2": "aten::relu is listed twice",
	} {
		_, err := parseShared(text)
		assert.ErrorContains(t, err, words)
	}
	list, err = parseShared("# text\n\naten::relu  SIGFPE 2/3 divides by zero\naten::add.out SIGABRT 2/0-9\n")
	require.NoError(t, err)
	assert.Equal(t, map[string]listed{"aten::relu": {"aten::relu", "SIGFPE", 2, 3, 3, "divides by zero"}, "aten::add.out": {"aten::add.out", "SIGABRT", 2, 0, 9, ""}}, list)
}

// TestPythonText writes an argument of each kind.
func TestPythonText(t *testing.T) {
	device, err := torch.ParseDevice("xla:1")
	require.NoError(t, err)
	p := program{
		{op: "aten::to.dtype", args: []any{numbers{[]float64{1, -0.5}, []int{2, 1}}, torch.Float16}},
		{op: "mylib::f", args: []any{variable(0), []any{nil, true, "a\"\n"}, repeat{3, 2}, complex(1, 2)},
			kwargs: []keyword{{"dtype", torch.DType(17)}, {"layout", torch.SparseCSR}, {"format", torch.ChannelsLast}, {"device", device}, {"generator", seed(5)}}},
	}
	assert.Equal(t, `x0 = torch.ops.aten.to.dtype(numbers([1.0, -0.5], [2, 1]), torch.float16)
torch.ops.mylib.f.default(x0, [None, True, "a\"\n"], [3] * 2, complex(1.0, 2.0), dtype=torch.quint4x2, layout=torch.sparse_csr, `+
		`format=torch.channels_last, device=torch.device('xla:1'), generator=torch.Generator().manual_seed(5))
`, p.String())
}

// TestPythonShares makes the listed calls in Python.
func TestPythonShares(t *testing.T) {
	python := torchtest.Python(t)
	list, err := parseShared(sharedText)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "calls.json")
	require.NoError(t, writeDeaths(path, sharedCalls(list)))
	out, err := exec.Command(python, "../../scripts/same_crash.py", path).CombinedOutput()
	assert.NoError(t, err, "%s", out)
}
