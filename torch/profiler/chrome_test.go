package profiler_test

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

// chromeEvent is an event of a file.
type chromeEvent struct {
	Ph, Cat, Name string
	ID            int
	TID           any
	TS, Dur       float64
	Args          map[string]any
}

// chromeTrace reads a file.
func chromeTrace(t *testing.T, path string) (events []chromeEvent) {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		in, err = gzip.NewReader(file)
		require.NoError(t, err)
	}
	var content struct {
		SchemaVersion       int
		RecordShapes        int    `json:"record_shapes"`
		BaseTimeNanoseconds int    `json:"baseTimeNanoseconds"`
		TraceName           string `json:"traceName"`
		TraceEvents         []chromeEvent
	}
	require.NoError(t, json.NewDecoder(in).Decode(&content))
	assert.Equal(t, 1, content.SchemaVersion)
	assert.Equal(t, 1, content.RecordShapes)
	assert.Greater(t, content.BaseTimeNanoseconds, int(1e18))
	assert.Equal(t, path, content.TraceName)
	return content.TraceEvents
}

// A trace has the events, each within the one that it is a child of, memory, and arrows
// from operators to their nodes of the backward pass.
func TestChromeTrace(t *testing.T) {
	dir := t.TempDir()
	assert.ErrorContains(t, profiler.New().ExportChromeTrace(filepath.Join(dir, "none")), "nothing has been recorded yet")
	step := program()
	p := profiler.New(profiler.Options{RecordShapes: true, ProfileMemory: true, WithStack: true})
	require.NoError(t, p.Run(step))
	for _, name := range []string{"trace.json", "trace.json.gz"} {
		path := filepath.Join(dir, name)
		require.NoError(t, p.ExportChromeTrace(path))
		events := chromeTrace(t, path)
		calls, nodes, arrows, memory := map[string]int{}, map[float64]bool{}, map[int][]chromeEvent{}, 0
		var around []chromeEvent // all calls are on one thread
		slices.SortStableFunc(events, func(a, b chromeEvent) int { return cmp.Or(cmp.Compare(a.TS, b.TS), cmp.Compare(b.Dur, a.Dur)) })
		for _, e := range events {
			switch {
			case e.Ph == "X" && e.Cat != "Trace":
				calls[e.Name]++
				nodes[e.TS] = true
				for len(around) > 0 && e.TS >= around[len(around)-1].TS+around[len(around)-1].Dur-1e-4 {
					around = around[:len(around)-1]
				}
				if len(around) > 0 {
					last := around[len(around)-1]
					assert.LessOrEqual(t, e.TS+e.Dur, last.TS+last.Dur+1e-3, "%s in %s", e.Name, last.Name)
				}
				around = append(around, e)
			case e.Cat == "fwdbwd":
				arrows[e.ID] = append(arrows[e.ID], e)
			case e.Name == "[memory]":
				memory++
			}
			if e.Name == "aten::linear" {
				assert.Equal(t, "[[4 72] [5 72] [5]]", fmt.Sprint(e.Args["Input Dims"]))
				assert.Equal(t, "[float float float]", fmt.Sprint(e.Args["Input type"]))
				assert.Contains(t, e.Args["Call stack"], "profiler_test.program")
			}
		}
		want := counts(p)
		delete(want, "[memory]") // of those that no call made
		for name, n := range want {
			assert.GreaterOrEqual(t, calls[name], n, name) // those of which an equal one is made are not counted
		}
		assert.Greater(t, memory, 10)
		assert.Greater(t, len(arrows), 5)
		for _, ends := range arrows {
			require.Len(t, ends, 2)
			assert.Equal(t, []string{"s", "f"}, []string{ends[0].Ph, ends[1].Ph})
			assert.True(t, nodes[ends[0].TS] && nodes[ends[1].TS], "arrows begin and end where calls do")
		}
	}
}

func TestTensorBoard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log", "run")
	o := profiler.Options{RecordShapes: true, Schedule: profiler.NewSchedule(0, 0, 1)}
	for _, b := range []profiler.TensorBoardOptions{{}, {WorkerName: "worker", UseGzip: true}} {
		o.OnTraceReady = profiler.TensorBoardTraceHandler(dir, b)
		p := profiler.New(o)
		require.NoError(t, p.Run(func() { torch.Ones([]int{1}).Exp().Close() }))
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, names, 2)
	host, err := os.Hostname()
	require.NoError(t, err)
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(filepath.Ext(b), filepath.Ext(a)) })
	assert.Regexp(t, fmt.Sprintf(`^%s_%d\.\d+\.pt\.trace\.json$`, host, os.Getpid()), filepath.Base(names[0]))
	assert.Regexp(t, `^worker\.\d+\.pt\.trace\.json\.gz$`, filepath.Base(names[1]))
	for _, name := range names {
		found := slices.ContainsFunc(chromeTrace(t, name), func(e chromeEvent) bool { return e.Name == "ProfilerStep#0" && e.Cat == "user_annotation" })
		assert.True(t, found, name)
	}

	blocked := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600))
	o.OnTraceReady = profiler.TensorBoardTraceHandler(filepath.Join(blocked, "run"))
	assert.ErrorContains(t, profiler.New(o).Run(func() {}), "not a directory")
}
