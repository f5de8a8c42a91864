package tensorboard_test

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	for len(data) > 0 {
		require.GreaterOrEqual(t, len(data), 16)
		n := int(binary.LittleEndian.Uint64(data))
		require.GreaterOrEqual(t, len(data), n+16)
		frame := data[:n+16]
		assert.Equal(t, masked(frame[:8]), binary.LittleEndian.Uint32(frame[8:]), "the length's checksum")
		assert.Equal(t, masked(frame[12:12+n]), binary.LittleEndian.Uint32(frame[12+n:]), "the data's checksum")
		frames, events = append(frames, frame), append(events, event{decode(t, frame[12:12+n])})
		data = data[n+16:]
	}
	require.NotEmpty(t, events)
	assert.Equal(t, "brain.Event:2", events[0].text(3))
	return frames[1:], events[1:]
}

func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// event is a protocol buffer: the values of each field, which are uint64 or []byte.
type event struct{ fields map[int][]any }

func decode(t *testing.T, data []byte) map[int][]any {
	t.Helper()
	fields := map[int][]any{}
	varint := func() uint64 {
		v, n := binary.Uvarint(data)
		require.Positive(t, n)
		data = data[n:]
		return v
	}
	for len(data) > 0 {
		key := varint()
		number := int(key >> 3)
		var value any
		switch key & 7 {
		case 0:
			value = varint()
		case 1:
			value, data = binary.LittleEndian.Uint64(data), data[8:]
		case 2:
			n := varint()
			value, data = data[:n], data[n:]
		case 5:
			value, data = uint64(binary.LittleEndian.Uint32(data)), data[4:]
		default:
			require.Fail(t, "unknown wire type")
		}
		fields[number] = append(fields[number], value)
	}
	return fields
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
