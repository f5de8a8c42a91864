package profiler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

// tableCase is a table of scripts/golden/profiler_tables.py.
type tableCase struct {
	Memory, FLOPs bool
	Keys          struct {
		GroupByInputShapes bool `json:"group_by_input_shapes"`
		GroupByStackN      int  `json:"group_by_stack_n"`
	}
	Options struct {
		SortBy   SortKey `json:"sort_by"`
		RowLimit *int    `json:"row_limit"`
		Name     *int    `json:"max_name_column_width"`
		Shapes   *int    `json:"max_shapes_column_width"`
		Source   *int    `json:"max_src_column_width"`
		Header   string  `json:"header"`
		TopLevel bool    `json:"top_level_events_only"`
		TimeUnit string  `json:"time_unit"`
	}
	Table string
}

// Tables are Python's, letter for letter.
func TestTables(t *testing.T) {
	var cases []struct {
		Events []struct {
			Name                                                        string
			Thread, Start, End, Scope, FLOPs, Memory, Sequence, Forward int
			Shapes                                                      [][]int
			Stack                                                       []string
		}
		Tables []map[string]any
	}
	var typed []struct{ Tables []tableCase }
	torchtest.Golden(t, "testdata/tables.json.gz", &cases)
	torchtest.Golden(t, "testdata/tables.json.gz", &typed)
	require.Len(t, cases, 2)
	for i, c := range typed[1].Tables {
		var events []*Event
		for i, e := range cases[1].Events {
			events = append(events, &Event{ID: i + 1, Name: e.Name, Thread: e.Thread, Start: time.Duration(e.Start), End: time.Duration(e.End),
				Scope: Scope(e.Scope), InputShapes: e.Shapes, FLOPs: e.FLOPs, CPUMemory: e.Memory, Stack: e.Stack,
				SequenceNumber: e.Sequence, ForwardThread: e.Forward})
		}
		averages := averagesOf(buildTree(events), KeyOptions{GroupByInputShape: c.Keys.GroupByInputShapes, GroupByStackN: c.Keys.GroupByStackN})
		averages.memory, averages.flops = c.Memory, c.FLOPs
		o := TableOptions{SortBy: c.Options.SortBy, RowLimit: c.Options.RowLimit, MaxNameWidth: c.Options.Name, MaxShapesWidth: c.Options.Shapes,
			MaxSourceWidth: c.Options.Source, Header: c.Options.Header, TopLevelEventsOnly: c.Options.TopLevel, TimeUnit: c.Options.TimeUnit}
		// Python's None, for no limit, is not its default.
		for name, field := range map[string]**int{"max_name_column_width": &o.MaxNameWidth, "max_shapes_column_width": &o.MaxShapesWidth,
			"max_src_column_width": &o.MaxSourceWidth} {
			if v, given := cases[1].Tables[i]["options"].(map[string]any)[name]; given && v == nil {
				*field = new(-1)
			}
		}
		require.Equal(t, c.Table, averages.Table(o), "%+v", cases[1].Tables[i]["options"])
	}
	assert.Greater(t, len(typed[1].Tables), 100)
}
