package tensorboard_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

// golden is what Python's torch.utils.tensorboard writes.
type golden struct {
	Records    map[string]map[string]string // events at the time when
	HParams    map[string]string
	Videos     map[string]torchtest.Tensor // frames × height × width × channels
	Embeddings struct {                    // by path
		Files   map[string]string
		Sprites map[string]torchtest.Tensor
	}
	Images map[string]struct {
		Sizes  []int // height, width, channels
		Pixels torchtest.Tensor
	}
}

var when = time.Unix(1500000000, 250000000)

func readGolden(t *testing.T) golden {
	var cases []golden
	torchtest.Golden(t, "testdata/tensorboard.json", &cases)
	require.Len(t, cases, 1)
	return cases[0]
}

// newWriter returns a writer into a folder of its own.
func newWriter(t *testing.T) *tensorboard.SummaryWriter {
	w, err := tensorboard.NewSummaryWriter(filepath.Join(t.TempDir(), "run"))
	require.NoError(t, err)
	return w
}

// records returns the events of the one event file in a folder, but the first one,
// which says what file it is. It checks lengths and checksums.
func records(t *testing.T, dir string) (frames [][]byte, events []event) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	require.NoError(t, err)
	require.Len(t, paths, 1, dir)
	data, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	frames, err = split(data)
	require.NoError(t, err)
	for _, frame := range frames {
		events = append(events, event{decode(t, content(frame))})
	}
	require.NotEmpty(t, events)
	assert.Equal(t, "brain.Event:2", events[0].text(3))
	return frames[1:], events[1:]
}

// split returns the frames of an event file: a length, its checksum, content, its
// checksum.
func split(data []byte) (frames [][]byte, err error) {
	for len(data) > 0 {
		if len(data) < 16 {
			return nil, errors.New("a frame is cut off")
		}
		n := binary.LittleEndian.Uint64(data)
		if n > uint64(len(data)-16) {
			return nil, fmt.Errorf("a frame of %d bytes in %d", n, len(data))
		}
		frame := data[:n+16]
		if masked(frame[:8]) != binary.LittleEndian.Uint32(frame[8:]) || masked(content(frame)) != binary.LittleEndian.Uint32(frame[12+n:]) {
			return nil, errors.New("a checksum is wrong")
		}
		frames, data = append(frames, frame), data[n+16:]
	}
	return frames, nil
}

func content(frame []byte) []byte { return frame[12 : len(frame)-4] }

func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// event is a protocol buffer: the values of each field, which are uint64 or []byte.
type event struct{ fields map[int][]any }

func decode(t *testing.T, data []byte) map[int][]any {
	t.Helper()
	fields, err := fieldsOf(data)
	require.NoError(t, err)
	return fields
}

// fieldsOf returns the fields of a protocol buffer.
func fieldsOf(data []byte) (map[int][]any, error) {
	fields := map[int][]any{}
	var err error
	varint := func() uint64 {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			err = errors.New("a number is cut off")
			return 0
		}
		data = data[n:]
		return v
	}
	take := func(n uint64) []byte {
		if err != nil || n > uint64(len(data)) {
			err = errors.New("a field is cut off")
			return make([]byte, 8)
		}
		part := data[:n]
		data = data[n:]
		return part
	}
	for len(data) > 0 && err == nil {
		key := varint()
		var value any
		switch key & 7 {
		case 0:
			value = varint()
		case 1:
			value = binary.LittleEndian.Uint64(take(8))
		case 2:
			value = take(varint())
		case 5:
			value = uint64(binary.LittleEndian.Uint32(take(4)))
		default:
			err = errors.New("unknown wire type")
		}
		fields[int(key>>3)] = append(fields[int(key>>3)], value)
	}
	return fields, err
}

// FuzzEvents reads any event file as the tests of the writer do, and any content of
// a frame.
func FuzzEvents(f *testing.F) {
	w, err := tensorboard.NewSummaryWriter(filepath.Join(f.TempDir(), "run"))
	require.NoError(f, err)
	w.AddScalar("loss", 0.5, 1)
	w.AddText("text", "words", 2)
	require.NoError(f, w.Close())
	paths, err := filepath.Glob(filepath.Join(w.LogDir(), "events.out.tfevents.*"))
	require.NoError(f, err)
	require.Len(f, paths, 1)
	data, err := os.ReadFile(paths[0])
	require.NoError(f, err)
	f.Add(data)
	frames, err := split(data)
	require.NoError(f, err)
	for _, frame := range frames {
		f.Add(content(frame))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		hostile.Read(t, len(data), func() {
			_, _ = fieldsOf(data)
			frames, err := split(data)
			if err != nil {
				return
			}
			total := 0
			for _, frame := range frames {
				_, _ = fieldsOf(content(frame))
				total += len(frame)
			}
			assert.Len(t, data, total)
		})
	})
}

// message returns the message that the field path leads to, and text the string.
func (e event) message(t *testing.T, path ...int) event {
	t.Helper()
	for _, number := range path {
		require.NotEmpty(t, e.fields[number], "field %d", number)
		e = event{decode(t, e.fields[number][0].([]byte))}
	}
	return e
}

func (e event) text(number int) string {
	if len(e.fields[number]) == 0 {
		return ""
	}
	return string(e.fields[number][0].([]byte))
}

// parse returns the event of a record of Python's.
func parse(t *testing.T, record string) event {
	data, err := base64.StdEncoding.DecodeString(record)
	require.NoError(t, err)
	return event{decode(t, data[12:len(data)-4])}
}

// checkRecords checks that each function adds the record of its name.
func checkRecords(t *testing.T, want map[string]string, adds map[string]func(w *tensorboard.SummaryWriter)) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(adds)))
	for name, add := range adds {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t)
			add(w)
			require.NoError(t, w.Close())
			frames, _ := records(t, w.LogDir())
			require.Len(t, frames, 1)
			assert.Equal(t, want[name], base64.StdEncoding.EncodeToString(frames[0]))
		})
	}
}

// checkRefuses checks that each function panics with its words, and adds nothing to w.
func checkRefuses(t *testing.T, w *tensorboard.SummaryWriter, adds map[string]func()) {
	t.Helper()
	for want, add := range adds {
		assert.ErrorContains(t, torch.Try(add), want)
	}
	require.NoError(t, w.Close())
	frames, _ := records(t, w.LogDir())
	assert.Empty(t, frames)
}
