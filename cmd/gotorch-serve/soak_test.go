//go:build soak

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// soakServer is a gotorch serve in a process of its own, of a program that multiplies by 2.
type soakServer struct {
	process *exec.Cmd
	address string
	log     log
}

func newSoakServer(t *testing.T, flags ...string) *soakServer {
	dir := t.TempDir()
	x := torch.Ones([]int{3, 2}, torch.TensorOptions{DType: torch.Float64})
	p, err := export.Trace(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{in[0].Mul(2)} }, []*torch.Tensor{x},
		export.TraceOptions{DynamicShapes: []map[int]export.Dim{{0: {Name: "batch", Max: 64}}}})
	require.NoError(t, err)
	require.NoError(t, export.Save(p, filepath.Join(dir, "m.pt2")))
	p.Close()
	x.Close()
	binary := filepath.Join(dir, "gotorch")
	out, err := exec.Command("go", "build", "-o", dir, ".", "../gotorch").CombinedOutput()
	require.NoError(t, err, string(out))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH")) // where gotorch finds gotorch-serve
	s := &soakServer{}
	s.process = exec.Command(binary, append(append([]string{"serve", "-addr", "127.0.0.1:0", "-max-wait", "200us", "-queue", "100000"}, flags...), filepath.Join(dir, "m.pt2"))...)
	s.process.Stderr = &s.log
	require.NoError(t, s.process.Start())
	require.Eventually(t, func() bool {
		found := regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(s.log.String())
		if found != nil {
			s.address = found[1]
		}
		return found != nil
	}, time.Minute, 10*time.Millisecond, "%v", &s.log)
	return s
}

// resident is the memory of the process in kB.
func (s *soakServer) resident(t *testing.T) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	require.NoError(t, err)
	n, err := strconv.Atoi(strings.Fields(strings.SplitAfter(string(data), "VmRSS:")[1])[0])
	require.NoError(t, err)
	return n
}

// body is a request with a number, and answerOf what the answer has for it.
func body(n int) string {
	return fmt.Sprintf(`{"id":"%d","inputs":[{"name":"input_0","datatype":"FP64","shape":[1,2],"data":[%d,%d]}]}`, n, n, -n)
}

func answerOf(n int) string { return fmt.Sprintf(`"id":"%d"`, n) }

func dataOf(n int) string {
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	return fmt.Sprintf(`"data":[%s,%s]}`, text(float64(2*n)), text(float64(-2*n)))
}

// post asks over HTTP's client.
func (s *soakServer) post(ctx context.Context, client *http.Client, n int) (status int, answer string, err error) {
	r, err := http.NewRequestWithContext(ctx, "POST", "http://"+s.address+"/v2/models/m/infer", strings.NewReader(body(n)))
	if err != nil {
		return 0, "", err
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// raw sends a request of which a part is missing or comes slowly, and returns the answer.
func (s *soakServer) raw(parts []string, pause time.Duration, closes bool) (answer string, err error) {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	for _, part := range parts {
		if _, err := io.WriteString(conn, part); err != nil {
			return "", err
		}
		time.Sleep(pause)
	}
	if closes {
		return "", nil
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return string(data), err
}

// TestServeSoak sends 100,000 requests, some of which are cancelled, cut off or slow. Each
// that is whole gets its own answer, and the memory stays flat.
func TestServeSoak(t *testing.T) {
	s := newSoakServer(t)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	const requests = 100_000
	var next, right, cancelled, cut, slow atomic.Int64
	warm, most := 0, 0
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for {
				n := int(next.Add(1))
				if n > requests {
					return
				}
				head := fmt.Sprintf("POST /v2/models/m/infer HTTP/1.1\r\nHost: soak\r\nContent-Length: %d\r\n\r\n", len(body(n)))
				switch k := rand.IntN(100); {
				case k < 5: // cancelled
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(1500))*time.Microsecond)
					status, answer, err := s.post(ctx, client, n)
					cancel()
					if err == nil {
						assert.Equal(t, 200, status)
						assert.Contains(t, answer, dataOf(n))
					}
					cancelled.Add(1)
				case k < 8: // cut off
					_, err := s.raw([]string{head, body(n)[:rand.IntN(len(body(n)))]}, 0, true)
					assert.NoError(t, err)
					cut.Add(1)
				case k == 8: // slow
					half := rand.IntN(len(body(n)))
					answer, err := s.raw([]string{head[:10], head[10:], body(n)[:half], body(n)[half:]}, time.Millisecond, false)
					assert.NoError(t, err)
					assert.Contains(t, answer, dataOf(n))
					slow.Add(1)
				default:
					status, answer, err := s.post(t.Context(), client, n)
					assert.NoError(t, err)
					assert.Equal(t, 200, status)
					assert.Contains(t, answer, answerOf(n))
					assert.Contains(t, answer, dataOf(n))
					right.Add(1)
				}
			}
		})
	}
	done := make(chan bool)
	go func() { group.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(50 * time.Millisecond):
		}
		if now := s.resident(t); next.Load() < requests/4 {
			warm = max(warm, now)
		} else {
			most = max(most, now)
		}
	}
	t.Logf("%d right, %d cancelled, %d cut off, %d slow; resident: %d MB after %d, %d MB after %d",
		right.Load(), cancelled.Load(), cut.Load(), slow.Load(), warm>>10, requests/4, most>>10, requests)
	assert.Equal(t, int64(requests), right.Load()+cancelled.Load()+cut.Load()+slow.Load())
	assert.Less(t, float64(most), 1.1*float64(warm))
	// Every request that the server counts as answered was one of ours.
	_, metrics := s.get(t, client, "/metrics")
	found := regexp.MustCompile(`gotorch_requests_total\{code="200",model="m",version="1"\} (\S+)`).FindStringSubmatch(metrics)
	require.NotNil(t, found, metrics)
	answered, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, int64(answered), right.Load()+slow.Load())
	assert.LessOrEqual(t, int64(answered), right.Load()+slow.Load()+cancelled.Load())
	assert.Contains(t, metrics, `gotorch_requests_in_flight{model="m",version="1"} 0`)
	assert.Contains(t, metrics, "gotorch_request_bytes 0")
	client.CloseIdleConnections()
	s.end(t)
}

func (s *soakServer) get(t *testing.T, client *http.Client, path string) (status int, answer string) {
	resp, err := client.Get("http://" + s.address + path) //nolint:noctx // a test
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(data)
}

// end ends the process by SIGTERM, with status 0.
func (s *soakServer) end(t *testing.T) {
	require.NoError(t, s.process.Process.Signal(syscall.SIGTERM))
	assert.NoError(t, s.process.Wait(), "%v", &s.log)
}

// TestServeTermUnderLoad ends the process while clients ask. What was sent on a connection
// that the process has taken gets its answer; after that there are no connections any more.
func TestServeTermUnderLoad(t *testing.T) {
	s := newSoakServer(t)
	var right, refused atomic.Int64
	var group sync.WaitGroup
	for c := range 32 {
		group.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := c * 1_000_000; ; n++ {
				status, answer, err := s.post(t.Context(), client, n)
				if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) { // the kernel resets what nobody took
					refused.Add(1)
					return
				}
				if !assert.NoError(t, err) {
					return
				}
				assert.Equal(t, 200, status)
				assert.Contains(t, answer, dataOf(n))
				right.Add(1)
			}
		})
	}
	time.Sleep(2 * time.Second)
	s.end(t)
	group.Wait()
	t.Logf("%d right, then %d clients found nobody", right.Load(), refused.Load())
	assert.Equal(t, int64(32), refused.Load())
}

// TestServeTenThousandConnections opens ten thousand connections that send nothing, or half a
// request. Others are answered meanwhile.
func TestServeTenThousandConnections(t *testing.T) {
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	connections := min(10_000, int(limit.Max)-200)
	s := newSoakServer(t)
	var all []net.Conn
	defer func() {
		for _, conn := range all {
			conn.Close()
		}
	}()
	for i := range connections - 100 { // the server takes 10,000
		conn, err := net.Dial("tcp", s.address)
		require.NoError(t, err)
		if all = append(all, conn); i%2 == 0 {
			_, err = io.WriteString(conn, "POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n{")
			require.NoError(t, err)
		}
	}
	client := &http.Client{Transport: &http.Transport{}}
	for n := range 100 {
		status, answer, err := s.post(t.Context(), client, n)
		require.NoError(t, err)
		assert.Equal(t, 200, status)
		assert.Contains(t, answer, dataOf(n))
	}
	t.Logf("%d connections: %d MB", len(all), s.resident(t)>>10)
	assert.Less(t, s.resident(t)>>10, 1000)
	client.CloseIdleConnections()
	for _, conn := range all {
		conn.Close()
	}
	s.end(t)
	assert.NotContains(t, s.log.String(), "panic")
	assert.False(t, bytes.Contains([]byte(s.log.String()), []byte("level=ERROR")))
}
