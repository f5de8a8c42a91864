package torchtest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/torch"
)

// Archive returns a file of torch.save with a pickle and storages; without any, with
// one of 16 bytes.
func Archive(t testing.TB, pickle []byte, storages ...[]byte) *bytes.Reader {
	t.Helper()
	if len(storages) == 0 {
		storages = [][]byte{make([]byte, 16)}
	}
	var file bytes.Buffer
	w, err := ptzip.NewWriter(&file, pickle)
	require.NoError(t, err)
	for i, content := range storages {
		storage, err := w.Create(fmt.Sprintf("data/%d", i))
		require.NoError(t, err)
		_, err = storage.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return bytes.NewReader(file.Bytes())
}

// Saved returns the pickle and the storages of the file that torch.Save makes of a
// value: what [Archive] takes.
func Saved(t testing.TB, value any) (pickle []byte, storages [][]byte) {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, torch.SaveTo(value, &file))
	r, err := ptzip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	require.NoError(t, err)
	pickle, err = r.Pickle()
	require.NoError(t, err)
	for i := 0; r.Has(fmt.Sprintf("data/%d", i)); i++ {
		content, err := r.Read(fmt.Sprintf("data/%d", i))
		require.NoError(t, err)
		storages = append(storages, content)
	}
	return pickle, storages
}
