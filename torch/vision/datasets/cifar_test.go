package datasets

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch"
)

// record is a picture whose pixels are all the same.
func record(pixel byte, labels ...byte) []byte {
	return append(labels, bytes.Repeat([]byte{pixel}, cifarPixels)...)
}

// tarFile returns a packed archive of files and their contents.
func tarFile(t testing.TB, files ...any) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		content := files[i+1].([]byte)
		require.NoError(t, w.WriteHeader(&tar.Header{Name: files[i].(string), Size: int64(len(content)), Mode: 0o644}))
		_, err := w.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return pack(t, b.Bytes())
}

// small is a dataset like CIFAR100 with two files of two pictures and one of one.
func small(archive []byte) cifar {
	sum := sha256.Sum256(archive)
	return cifar{
		name: "Small", archive: "small.tar.gz", sha256: hex.EncodeToString(sum[:]), size: int64(len(archive)), labels: 2,
		train: members{[]string{"one.bin", "two.bin"}, 2}, test: members{[]string{"test.bin"}, 1}, classes: []string{"a", "b", "c"},
	}
}

func TestCIFAR(t *testing.T) {
	archive := tarFile(t, "small/notes.txt", []byte("notes"), "small/test.bin", record(9, 7, 1),
		"small/two.bin", append(record(3, 7, 2), record(4, 7, 0)...), "small/one.bin", append(record(1, 7, 0), record(2, 7, 1)...))
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "small.tar.gz"), archive, 0o644))
	d, err := small(archive).load(t.Context(), []Options{{Root: root}})
	require.NoError(t, err)
	assert.Equal(t, []int{4, 3, 32, 32}, d.Data.Shape())
	assert.Equal(t, []int{1, 2, 3, 4}, torch.ToSlice[int](d.Data.Select(3, 0).Select(2, 31).Select(1, 2)))
	assert.Equal(t, []int{0, 1, 2, 0}, torch.ToSlice[int](d.Targets))
	test, err := small(archive).load(t.Context(), []Options{{Root: root, Train: new(false)}})
	require.NoError(t, err)
	assert.Equal(t, []int{1}, torch.ToSlice[int](test.Targets))

	_, err = small(append(archive, 0)).load(t.Context(), []Options{{Root: root}})
	assert.ErrorContains(t, err, "Small: "+filepath.Join(root, "small.tar.gz")+": it is another file: its SHA-256 is ")
	_, err = small(archive).load(t.Context(), []Options{{Root: t.TempDir()}})
	assert.ErrorContains(t, err, "neither small.tar.gz nor small.tar is in ")
}

func TestCIFARRefuses(t *testing.T) {
	good := tarFile(t, "one.bin", append(record(1, 7, 0), record(2, 7, 3)...), "two.bin", append(record(3, 7, 2), record(4, 7, 0)...))
	for want, archive := range map[string][]byte{
		"the archive lacks one of one.bin, two.bin":          tarFile(t, "one.bin", append(record(1, 7, 0), record(2, 7, 1)...)),
		"one.bin has 3074 bytes, want 6148":                  tarFile(t, "one.bin", record(1, 7, 0)),
		"the archive: ":                                      pack(t, []byte("not an archive")),
		"the archive: archive/tar: invalid tar header":       pack(t, bytes.Repeat([]byte("x"), 1024)),
		"the label of image 1 is 3, but there are 3 classes": good,
		"the file is cut off":                                good[:60],
	} {
		root := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(root, "small.tar.gz"), archive, 0o644))
		_, err := small(archive).load(t.Context(), []Options{{Root: root}})
		assert.ErrorContains(t, err, want)
	}
}

// The real archives' numbers fit.
func TestCIFARNumbers(t *testing.T) {
	for _, c := range []cifar{cifar10, cifar100} {
		assert.Equal(t, 50000, len(c.train.names)*c.train.records)
		assert.Equal(t, 10000, len(c.test.names)*c.test.records)
		assert.Less(t, 60000*(c.labels+cifarPixels), maxArchive)
		assert.IsIncreasing(t, c.classes)
	}
	assert.Len(t, cifar10.classes, 10)
	assert.Len(t, cifar100.classes, 100)
}

func FuzzCIFAR(f *testing.F) {
	good := tarFile(f, "one.bin", []byte{1, 2, 3, 4}, "two.bin", []byte{5, 6, 7, 8})
	f.Add(good)
	r, err := unpack(bytes.NewReader(good))
	require.NoError(f, err)
	plain, err := io.ReadAll(r)
	require.NoError(f, err)
	f.Add(plain)
	f.Fuzz(func(t *testing.T, archive []byte) {
		hostile.Read(t, len(archive), func() {
			m := members{[]string{"one.bin", "two.bin"}, 2}
			got, err := m.read(bytes.NewReader(archive), 2)
			if err != nil {
				assert.Less(t, len(err.Error()), 1000)
				return
			}
			assert.Len(t, got.Data, 8)
		})
	})
}
