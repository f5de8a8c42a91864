package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// log is what a goroutine writes and another reads.
type log struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.Write(p)
}

func (l *log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.String()
}

// exported returns the path of a program that Python exported.
func exported(t *testing.T, name string) string {
	t.Helper()
	return torchtest.Unpack(t, "../../torch/export/testdata/exported/"+name+".pt2.gz")
}

func TestServe(t *testing.T) {
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks operators that programs of PyTorch 2.15 have", torch.Version())
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stderr log
	ended := make(chan int)
	go func() {
		ended <- serveUntil(ctx, []string{"-addr", "127.0.0.1:0", "-name", "digits", "-max-wait", "1ms", exported(t, "cnn")}, io.Discard, &stderr)
	}()
	address := ""
	require.Eventually(t, func() bool {
		found := regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(stderr.String())
		if found != nil {
			address = found[1]
		}
		return found != nil
	}, 30*time.Second, 5*time.Millisecond)
	ask := func(method, path, body string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(data)
	}
	assert.Equal(t, `{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,1,8,8]}],"name":"digits","outputs":[{"name":"log_softmax","datatype":"FP32","shape":[-1,5]}],"platform":"pytorch_export","versions":["1"]}`,
		ask("GET", "/v2/models/digits", ""))
	answer := ask("POST", "/v2/models/digits/infer", `{"inputs":[{"name":"x","datatype":"FP32","shape":[2,1,8,8],"data":[`+strings.Repeat("0.5,", 127)+`0.5]}]}`)
	assert.Contains(t, answer, `{"name":"log_softmax","datatype":"FP32","shape":[2,5],"data":[-`)
	cancel()
	assert.Equal(t, 0, <-ended, stderr.String())
	assert.Contains(t, stderr.String(), "draining")
	http.DefaultClient.CloseIdleConnections()
}

func TestServeRefused(t *testing.T) {
	for want, arguments := range map[string][]string{
		"want one MODEL":                     nil,
		"numbers and times are to be above":  {"-max-batch", "0", "x"},
		"flag provided but not defined: -no": {"-no", "x"},
		"no such file":                       {filepath.Join(t.TempDir(), "none.pt2")},
		"want a program of torch.export":     {"main.go"},
	} {
		var stderr bytes.Buffer
		assert.NotZero(t, serveUntil(t.Context(), arguments, io.Discard, &stderr))
		assert.Contains(t, stderr.String(), want)
	}
	if !torchtest.Old() {
		var stderr bytes.Buffer
		assert.NotZero(t, serveUntil(t.Context(), []string{"-batched", exported(t, "lstm")}, io.Discard, &stderr))
		assert.Contains(t, stderr.String(), "the program has no batch: torch.export.export(")
	}
	var stdout bytes.Buffer
	assert.Zero(t, serveUntil(t.Context(), []string{"-h"}, &stdout, io.Discard))
	assert.Contains(t, stdout.String(), "-max-wait")
}
