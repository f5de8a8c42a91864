package distributed_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch/distributed"
)

func mustAtoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

func TestStores(t *testing.T) {
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	for name, make := range map[string]func() (*distributed.Store, error){
		"TCP": func() (*distributed.Store, error) {
			return distributed.NewTCPStore("127.0.0.1", 0, distributed.TCPStoreOptions{Master: true, WaitForWorkers: new(false)})
		},
		"file": func() (*distributed.Store, error) {
			return distributed.NewFileStore(filepath.Join(t.TempDir(), "store"), 1)
		},
		"hash": distributed.NewHashStore,
		"prefix": func() (*distributed.Store, error) {
			whole, err := distributed.NewHashStore()
			require.NoError(t, err)
			require.NoError(t, whole.Set("outside", nil))
			return distributed.NewPrefixStore("mine", whole)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := make()
			require.NoError(t, err)
			defer s.Close()
			checkStore(t, s)
			assert.Equal(t, name == "TCP", s.Port() > 0)
		})
	}
}

func checkStore(t *testing.T, s *distributed.Store) {
	value := []byte{0, 1, 255, '\n'}
	require.NoError(t, s.Set("key", value))
	got, err := s.Get("key")
	require.NoError(t, err)
	assert.Equal(t, value, got)

	for _, want := range []int{2, 4} {
		sum, err := s.Add("count", 2)
		require.NoError(t, err)
		assert.Equal(t, want, sum)
	}
	got, err = s.CompareSet("key", []byte("another"), []byte("new"))
	require.NoError(t, err)
	assert.Equal(t, value, got)
	got, err = s.CompareSet("key", value, []byte("new"))
	require.NoError(t, err)
	assert.Equal(t, "new", string(got))

	there, err := s.Check([]string{"key", "count"})
	require.NoError(t, err)
	assert.True(t, there)
	there, err = s.Check([]string{"key", "nothing"})
	require.NoError(t, err)
	assert.False(t, there)

	require.NoError(t, s.Wait([]string{"key", "count"}))
	isTimeout(t, s.Wait([]string{"nothing"}, 20*time.Millisecond))
	require.NoError(t, s.SetTimeout(50*time.Millisecond))
	timeout, err := s.Timeout()
	require.NoError(t, err)
	assert.Equal(t, 50*time.Millisecond, timeout)
	_, err = s.Get("nothing")
	isTimeout(t, err)

	clone, err := s.Clone()
	require.NoError(t, err)
	defer clone.Close()
	go func() {
		time.Sleep(10 * time.Millisecond)
		_ = clone.Set("later", []byte("x"))
	}()
	require.NoError(t, s.Wait([]string{"later"}, 10*time.Second))

	n, err := s.NumKeys()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, n, 3)
	keys, err := s.ListKeys()
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(keys, func(key string) bool { return key == "key" || key == "mine/key" }), "%q", keys)
	was, err := s.DeleteKey("key")
	require.NoError(t, err)
	assert.True(t, was)
	s.Close()
	_, err = s.Get("count")
	assert.ErrorContains(t, err, "distributed.Store.Get: the object is closed")
}
