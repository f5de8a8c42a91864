package serve_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

// pair is the signature of models that take and give n × 2.
func pair(dtype torch.DType) serve.Signature {
	return serve.Signature{Batch: true, Platform: "test",
		Inputs:  []serve.Spec{{Name: "x", DType: dtype, Shape: []int{-1, 2}}},
		Outputs: []serve.Spec{{Name: "y", DType: dtype, Shape: []int{-1, 2}}}}
}

// times returns a model that multiplies.
func times(factor any) serve.Model {
	return serve.NewModel(pair(torch.Float32), func(in []*torch.Tensor) ([]*torch.Tensor, error) {
		return []*torch.Tensor{in[0].Mul(factor)}, nil
	}, nil)
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// newServer returns a server, which is shut down after the test, and a client for it.
func newServer(t testing.TB, options ...serve.ServerOptions) (*serve.Server, *client) {
	o := serve.ServerOptions{Logger: quiet()}
	if len(options) > 0 {
		o = options[0]
	}
	s := serve.NewServer(o)
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		require.NoError(t, s.Shutdown(context.Background()))
		http.DefaultClient.CloseIdleConnections()
	})
	return s, &client{t, h.URL}
}

// client asks a server.
type client struct {
	t   testing.TB
	url string
}

// do sends a request and returns the status and the body.
func (c *client) do(method, path, body string, headers ...string) (status int, answer string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	require.NoError(c.t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(data)
}

// refused fails unless a request to the model m gets a status and an error with a text.
func (c *client) refused(status int, want, body string, headers ...string) {
	c.t.Helper()
	got, answer := c.do("POST", "/v2/models/m/infer", body, headers...)
	var e struct{ Error string }
	require.NoError(c.t, json.Unmarshal([]byte(answer), &e), answer)
	assert.Equal(c.t, status, got, "%.200s", body)
	assert.Contains(c.t, e.Error, want, "%.200s", body)
}

func TestInfer(t *testing.T) {
	s, c := newServer(t)
	require.NoError(t, s.Add("m", times(2)))
	for body, want := range map[string]string{
		`{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2.5]}]}`:                                                                            `{"model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[2,5]}]}`,
		`{ "id" : "a\"\u00e9" , "inputs" : [ { "data" : [ [ 1e0 , -2 ] , [ 3, 4 ] ] , "shape" : [ 2 , 2 ], "datatype" : "FP32", "name" : "x" } ] }`:           `{"model_name":"m","model_version":"1","id":"a\"é","outputs":[{"name":"y","datatype":"FP32","shape":[2,2],"data":[2,-4,6,8]}]}`,
		`{"parameters":{"a":[1,{"b":null}]},"more":true,"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1e-3,3e38]}],"outputs":[{"name":"y"}]}`: `"data":[0.002,+Inf`,
	} {
		status, answer := c.do("POST", "/v2/models/m/infer", body)
		if strings.Contains(want, "Inf") {
			assert.Equal(t, http.StatusNotAcceptable, status)
			assert.JSONEq(t, `{"error":"the output y has +Inf, which JSON has not: ask for binary_data"}`, answer)
			continue
		}
		assert.Equal(t, 200, status)
		assert.Equal(t, want, answer)
	}
	outputs, err := s.Infer(t.Context(), serve.Request{Model: "m", Inputs: []serve.Array{serve.NewArray("x", torch.NewTensor([][]float32{{1, 2}}))}})
	require.NoError(t, err)
	y := outputs[0].Tensor()
	assert.Equal(t, []float32{2, 4}, torch.ToSlice[float32](y))
	y.Close()
}

func TestDescriptions(t *testing.T) {
	s, c := newServer(t, serve.ServerOptions{Logger: quiet(), Handler: http.NotFoundHandler()})
	require.NoError(t, s.Add("m", times(2)))
	require.NoError(t, s.Add("m", times(3), serve.ModelOptions{Version: "b"}))
	for path, want := range map[string]string{
		"/v2":                     `{"extensions":["binary_tensor_data"],"name":"gotorch","version":"` + torch.Version() + `"}`,
		"/v2/health/live":         `{}`,
		"/v2/health/ready":        `{}`,
		"/v2/models/m/ready":      `{}`,
		"/v2/models/m":            `{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"name":"m","outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]}],"platform":"test","versions":["b"]}`,
		"/v2/models/m/versions/1": `{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"name":"m","outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]}],"platform":"test","versions":["1"]}`,
		"/v2/models/n":            `{"error":"there is no model n"}`,
		"/v2/models/m/versions/9": `{"error":"the model m has no version 9"}`,
		"/v2/models/n/ready":      `{"error":"there is no model n"}`,
		"/v2/models/m/infer":      "404 page not found\n",
		"/somewhere":              "404 page not found\n",
	} {
		status, answer := c.do("GET", path, "")
		assert.Equal(t, want, answer)
		assert.Equal(t, strings.HasPrefix(answer, `{"error`) || strings.HasPrefix(answer, "404"), status == 404, path)
	}
	one := `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,1]}]}`
	_, answer := c.do("POST", "/v2/models/m/versions/1/infer", one)
	assert.Contains(t, answer, `"data":[2,2]`)
	_, answer = c.do("POST", "/v2/models/m/infer", one)
	assert.Contains(t, answer, `"data":[3,3]`, "what was added last")
	status, _ := c.do("POST", "/v2/models/n/infer", one)
	assert.Equal(t, 404, status)
	_, answer = c.do("GET", "/metrics", "")
	for _, want := range []string{
		`gotorch_requests_total{code="200",model="m",version="1"} 1`, `gotorch_batch_rows_count{model="m",version="b"}`,
		`gotorch_requests_in_flight{model="m",version="1"} 0`, `gotorch_queue_length{model="m",version="1"} 0`,
		`gotorch_request_seconds_count{model="m",version="b"} 1`, `gotorch_queue_seconds_count{model="m",version="b"} 1`,
		`gotorch_model_loads_total{model="m",result="ok",version="1"} 1`, "gotorch_request_bytes 0", "go_goroutines",
	} {
		assert.Contains(t, answer, want)
	}
}

// split returns the JSON and the binary data of an answer.
func split(t *testing.T, resp *http.Response) (text string, data []byte) {
	all, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	n, err := strconv.Atoi(resp.Header.Get("Inference-Header-Content-Length"))
	require.NoError(t, err)
	return string(all[:n]), all[n:]
}

func TestBinary(t *testing.T) {
	s, c := newServer(t)
	require.NoError(t, s.Add("m", times(2)))
	text := `{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}`
	body := binary.LittleEndian.AppendUint32([]byte(text), math.Float32bits(float32(math.NaN())))
	body = binary.LittleEndian.AppendUint32(body, math.Float32bits(0.25))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/v2/models/m/infer", bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Inference-Header-Content-Length", strconv.Itoa(len(text)))
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, "application/octet-stream", resp.Header.Get("Content-Type"))
	answer, data := split(t, resp)
	assert.Equal(t, `{"model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}`, answer)
	require.Len(t, data, 8)
	assert.True(t, math.IsNaN(float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))))
	assert.Equal(t, float32(0.5), math.Float32frombits(binary.LittleEndian.Uint32(data[4:])))

	// An output may say for itself what it wants.
	status, text := c.do("POST", "/v2/models/m/infer", `{"parameters":{"binary_data_output":true},"outputs":[{"name":"y","parameters":{"binary_data":false}}],"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`)
	assert.Equal(t, 200, status)
	assert.Contains(t, text, `"data":[2,4]`)
}

// Each dtype goes in and out as JSON and as binary data.
func TestDatatypes(t *testing.T) {
	s, c := newServer(t)
	for _, test := range []struct {
		dtype      torch.DType
		name, data string
	}{
		{torch.Bool, "BOOL", "true,false"}, {torch.Uint8, "UINT8", "0,255"}, {torch.Int8, "INT8", "-128,127"}, {torch.Int16, "INT16", "-32768,32767"},
		{torch.Int32, "INT32", "-2147483648,2147483647"}, {torch.Int64, "INT64", "-9223372036854775808,9223372036854775807"},
		{torch.Float32, "FP32", "0.1,-3.4028235e+38"}, {torch.Float64, "FP64", "0.1,-1.7976931348623157e+308"},
		{torch.Uint16, "UINT16", "0,65535"}, {torch.Uint32, "UINT32", "0,4294967295"}, {torch.Uint64, "UINT64", "0,18446744073709551615"},
	} {
		if test.dtype >= torch.Uint16 && torchtest.Old() {
			continue // it has none
		}
		m := serve.NewModel(pair(test.dtype), func(in []*torch.Tensor) ([]*torch.Tensor, error) { return in, nil }, nil)
		require.NoError(t, s.Add(test.name, m))
		status, answer := c.do("POST", "/v2/models/"+test.name+"/infer", `{"inputs":[{"name":"x","datatype":"`+test.name+`","shape":[1,2],"data":[`+test.data+`]}]}`)
		assert.Equal(t, 200, status, answer)
		assert.Contains(t, answer, `"datatype":"`+test.name+`","shape":[1,2],"data":[`+test.data+`]`)
	}
	m := serve.NewModel(pair(torch.BFloat16), func(in []*torch.Tensor) ([]*torch.Tensor, error) { return []*torch.Tensor{in[0].Add(in[0])}, nil }, nil)
	require.NoError(t, s.Add("m", m))
	c.refused(400, "BF16 goes as binary data only", `{"inputs":[{"name":"x","datatype":"BF16","shape":[1,2],"data":[1,2]}]}`)
	text := `{"inputs":[{"name":"x","datatype":"BF16","shape":[1,2],"parameters":{"binary_data_size":4}}]}`
	c.refused(406, "of torch.bfloat16, which goes as binary data only", text+"\x80\x3f\x80\x3f", "Inference-Header-Content-Length", strconv.Itoa(len(text)))
}

func TestRequestsRefused(t *testing.T) {
	s, c := newServer(t, serve.ServerOptions{Logger: quiet(), MaxBody: new(2000), MaxMemory: new(10_000)})
	require.NoError(t, s.Add("m", times(2)))
	x := func(fields string) string { return `{"inputs":[{"name":"x",` + fields + `}]}` }
	good := x(`"datatype":"FP32","shape":[1,2],"data":[1,2]`)
	for body, want := range map[string]string{
		``:                                   "the JSON ends too soon",
		`[]`:                                 "want an object",
		`{}`:                                 "no inputs",
		good + `x`:                           "want the end",
		good[:len(good)-3]:                   "the JSON ends too soon",
		`{"inputs":[]}`:                      "no inputs",
		`{"inputs":[{}]}`:                    "an input has no name",
		`{"inputs":{}}`:                      "want an array",
		`{"id":1,"inputs":[]}`:               "want a text",
		`{"id":"\x","inputs":[]}`:            "invalid character",
		strings.Repeat("[", 1500):            "want an object",
		`{"a":` + strings.Repeat("[", 1500):  "nested more than 100 deep",
		x(`"datatype":"FP32","shape":[1,2]`): "either data or binary_data_size",
		x(`"shape":[1,2],"data":[1,2]`):      "lacks its datatype",
		x(`"datatype":"FP32","data":[1,2]`):  "lacks its datatype or its shape",
		x(`"datatype":"BYTES","shape":[1,2],"data":["a","b"]`):                        "there is no datatype BYTES for tensors",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,NaN]`):                           "JSON has no NaN",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,Infinity]`):                      "JSON has no NaN",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,1e39]`):                          "1e39 is out of range for FP32",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,01]`):                            "want a number",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,1.]`):                            "want a digit",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,1e]`):                            "want a digit",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,"2"]`):                           "want a number",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,true]`):                          "want a number",
		x(`"datatype":"FP32","shape":[1,2],"data":[1]`):                               "the data has not the 2 elements",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,2,3]`):                           "the data has not the 2 elements",
		x(`"datatype":"FP32","shape":[1,2],"data":[[1],[2]]`):                         "is not what the shape [1 2] says",
		x(`"datatype":"FP32","shape":[1,2],"data":[[1,2],[]]`):                        "is not what the shape [1 2] says",
		x(`"datatype":"FP32","shape":[1,2],"data":[[[1,2]]]`):                         "want a number",
		x(`"datatype":"FP32","shape":[1,2],"data":1`):                                 "and the data fewer",
		x(`"datatype":"FP32","shape":[1,-2],"data":[1,2]`):                            "-2 is no length",
		x(`"datatype":"FP32","shape":[1,2.5],"data":[1,2]`):                           "2.5 is no length",
		x(`"datatype":"FP32","shape":[2],"data":[1,2]`):                               "the input x has the shape [2], want [-1 2]",
		x(`"datatype":"FP32","shape":[2,1],"data":[1,2]`):                             "the input x has the shape [2 1], want [-1 2]",
		x(`"datatype":"FP32","shape":[0,2],"data":[]`):                                "no rows",
		x(`"datatype":"FP64","shape":[1,2],"data":[1,2]`):                             "the input x is of FP64, want FP32",
		x(`"datatype":"INT32","shape":[1,2],"data":[1,2.5]`):                          "2.5 is no integer",
		x(`"datatype":"UINT8","shape":[1,2],"data":[1,256]`):                          "256 is out of range for UINT8",
		x(`"datatype":"BOOL","shape":[1,2],"data":[1,0]`):                             "a BOOL is true or false",
		x(`"datatype":"FP32","shape":[9000000000,9000000000],"data":[1]`):             "too many elements",
		x(`"datatype":"FP32","shape":[1000000,2000],"data":[1]`):                      "has 2000000000 elements, and the data fewer",
		x(`"datatype":"FP32","shape":[99999999999999999999],"data":[1]`):              "is no length",
		x(`"datatype":"FP32","shape":[1` + strings.Repeat(",1", 64) + `],"data":[1]`): "more than 64 sizes",
		x(`"name":"x"`): "name is given twice",
		x(`"datatype":"FP32","shape":[1,2],"data":[1,2],"parameters":{"binary_data_size":8}`): "either data or binary_data_size",
		x(`"datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}`):              "0 bytes are left of the body",
		x(`"datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":9}`):              "takes 8 bytes",
		x(`"datatype":"FP32","shape":[1,2],"parameters":{"shared_memory_region":"a"}`):        "shared memory is not supported",
		strings.Replace(good, `"x"`, `"z"`, 1):                                                "there is no input z: the model takes x",
		`{"inputs":[` + good[11:len(good)-2] + `,` + good[11:len(good)-2] + `]}`:              "the input x is given twice",
		good[:len(good)-1] + `,"outputs":[{"name":"z"}]}`:                                     "there is no output z",
		good[:len(good)-1] + `,"outputs":[{"name":"y","parameters":{"classification":3}}]}`:   "classification is not supported",
		x(`"datatype":"FP32","shape":[33,2],"data":[` + strings.Repeat("1,", 65) + `1]`):      "has 33 rows, and the model takes 32",
	} {
		c.refused(400, want, body)
	}
	c.refused(413, "the body has more than 2000 bytes", strings.Repeat(" ", 3000))
	status, answer := c.do("POST", "/v2/models/m/infer", good)
	assert.Equal(t, 200, status, answer)
}

// What is declared takes no memory before it is there.
func TestMemoryIsBounded(t *testing.T) {
	s, c := newServer(t, serve.ServerOptions{Logger: quiet(), MaxMemory: new(100_000)})
	require.NoError(t, s.Add("m", times(2)))
	c.refused(503, "all memory", strings.Repeat(" ", 150_000))
	c.refused(413, "the body has more than 67108864 bytes", strings.Repeat(" ", 64<<20+1))
	c.refused(503, "all memory", `{"inputs":[{"name":"x","datatype":"FP64","shape":[20000],"data":[`+strings.Repeat("1,", 19_999)+`1]}]}`)
	status, _ := c.do("POST", "/v2/models/m/infer", `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`)
	assert.Equal(t, 200, status)

	// A gigabyte is refused before it is sent.
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n{")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Contains(t, string(answer), "413 Request Entity Too Large")
}

func TestSlowAndCutBodies(t *testing.T) {
	s, c := newServer(t, serve.ServerOptions{Logger: quiet(), ReadTimeout: new(50 * time.Millisecond)})
	require.NoError(t, s.Add("m", times(2)))
	for _, cut := range []bool{true, false} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
		require.NoError(t, err)
		want := "408 Request Timeout"
		if cut {
			require.NoError(t, conn.(*net.TCPConn).CloseWrite())
			want = "400 Bad Request"
		}
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Contains(t, string(answer), want)
		require.NoError(t, conn.Close())
	}
	// The deadline for the body is none for the answer.
	slow := serve.NewModel(pair(torch.Float32), func(in []*torch.Tensor) ([]*torch.Tensor, error) {
		time.Sleep(150 * time.Millisecond)
		return in, nil
	}, nil)
	require.NoError(t, s.Add("slow", slow))
	status, _ := c.do("POST", "/v2/models/slow/infer", `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`)
	assert.Equal(t, 200, status)
	c.refused(415, "gzip", "", "Content-Encoding", "gzip")
	c.refused(400, "is no length", "", "Inference-Header-Content-Length", "-1")
	c.refused(400, "the body has 2 bytes", "{}", "Inference-Header-Content-Length", "3")
}

// A request that the model fails on does not fail those beside it.
func TestModelsThatFail(t *testing.T) {
	s, c := newServer(t, serve.ServerOptions{Logger: quiet(), Timeout: new(time.Second)})
	m := serve.NewModel(pair(torch.Int64), func(in []*torch.Tensor) ([]*torch.Tensor, error) {
		numbers := torch.ToSlice[int](in[0])
		for _, n := range numbers {
			switch n {
			case 1:
				return nil, errors.New("one")
			case 2:
				panic("two")
			case 3:
				torch.Ones([]int{2}).Select(0, 5)
			case 4:
				return nil, nil
			case 5:
				return []*torch.Tensor{nil}, nil
			case 6:
				return []*torch.Tensor{torch.Ones([]int{1})}, nil
			case 7:
				time.Sleep(1500 * time.Millisecond)
			}
		}
		return in, nil
	}, nil)
	require.NoError(t, s.Add("m", m, serve.ModelOptions{MaxWait: time.Millisecond}))
	x := func(n int) string {
		return `{"inputs":[{"name":"x","datatype":"INT64","shape":[2,2],"data":[0,0,` + strconv.Itoa(n) + `,0]}]}`
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			status, _ := c.do("POST", "/v2/models/m/infer", x(0))
			assert.Equal(t, 200, status)
		})
	}
	c.refused(500, "one", x(1))
	c.refused(500, "panicked: two", x(2))
	c.refused(400, "index 5 out of range", x(3))
	c.refused(500, "gives 0 outputs", x(4))
	c.refused(500, "the output y is nil", x(5))
	c.refused(500, "has the shape [1]", x(6))
	group.Wait()
	c.refused(504, "deadline exceeded", x(7))
	_, metrics := c.do("GET", "/metrics", "")
	assert.Contains(t, metrics, `gotorch_requests_total{code="500",model="m",version="1"} 5`)
}

func TestBusyServer(t *testing.T) {
	s, c := newServer(t)
	gate := make(chan bool)
	open := sync.OnceFunc(func() { close(gate) })
	defer open()
	m := serve.NewModel(pair(torch.Float32), func(in []*torch.Tensor) ([]*torch.Tensor, error) {
		if in[0].Select(0, 0).Select(0, 0).Item() == 1 {
			<-gate
		}
		return in, nil
	}, nil)
	require.NoError(t, s.Add("m", m, serve.ModelOptions{MaxBatch: new(1), Queue: new(1)}))
	body := `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`
	var group sync.WaitGroup
	for i := range 2 { // one runs, one waits
		group.Go(func() {
			status, _ := c.do("POST", "/v2/models/m/infer", body)
			assert.Equal(t, 200, status)
		})
		want := []string{`queue_length{model="m",version="1"} 0`, `queue_length{model="m",version="1"} 1`}[i]
		require.Eventually(t, func() bool {
			_, metrics := c.do("GET", "/metrics", "")
			return strings.Contains(metrics, want) && strings.Contains(metrics, `in_flight{model="m",version="1"} `+strconv.Itoa(i+1))
		}, 10*time.Second, time.Millisecond)
	}
	resp, err := http.Post(c.url+"/v2/models/m/infer", "", strings.NewReader(body)) //nolint:noctx // a test
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 429, resp.StatusCode)
	assert.Equal(t, "1", resp.Header.Get("Retry-After"))
	open()
	group.Wait()
}

func TestAddRefused(t *testing.T) {
	s, _ := newServer(t)
	for want, add := range map[string]func() error{
		"cannot be a part of a path":    func() error { return s.Add("a/b", times(2)) },
		`"" cannot be`:                  func() error { return s.Add("", times(2)) },
		"version 1 is there already":    func() error { return errors.Join(s.Add("m", times(2)), s.Add("m", times(2))) },
		"Pad names the input \"z\"":     func() error { return s.Add("p", times(2), serve.ModelOptions{Pad: map[string]float64{"z": 0}}) },
		"Queue is 0":                    func() error { return s.Add("q", times(2), serve.ModelOptions{Queue: new(0)}) },
		"running it for the first time": func() error { return s.Add("r", times("text")) },
		"the model takes nothing":       func() error { return s.Add("n", serve.NewModel(serve.Signature{}, nothing, nil)) },
		"have the name": func() error {
			return s.Add("d", serve.NewModel(serve.Signature{Inputs: []serve.Spec{{Name: "a"}, {Name: "a"}}}, nothing, nil))
		},
		"counts the rows": func() error {
			return s.Add("d", serve.NewModel(serve.Signature{Batch: true, Inputs: []serve.Spec{{Name: "a", Shape: []int{}}}}, nothing, nil))
		},
		"names of them": func() error {
			return s.Add("d", serve.NewModel(serve.Signature{Inputs: []serve.Spec{{Name: "a", Shape: []int{1}, Sizes: []string{"b", "c"}}}}, nothing, nil))
		},
		"do not ascend": func() error {
			return s.Add("d", serve.NewModel(serve.Signature{BatchSizes: []int{0, 1}, Inputs: []serve.Spec{{Name: "a"}}}, nothing, nil))
		},
		"want 0 or more": func() error { return s.Add("w", times(2), serve.ModelOptions{MaxWait: -1}) },
	} {
		assert.ErrorContains(t, add(), want)
	}
	_, err := s.Infer(t.Context(), serve.Request{Model: "no"})
	assert.ErrorContains(t, err, "there is no model no")
	assert.Equal(t, 404, serve.Status(err))
	assert.ErrorContains(t, torch.Try(func() { serve.NewModel(serve.Signature{}, nil, nil) }), "run must not be nil")
	assert.EqualError(t, serve.NewServer().Add("m", nil), "serve: the model m must not be nil")
	assert.EqualError(t, serve.NewServer().Watch("m", "m.pt2", nil), "serve: the model m: load must not be nil")
}

func nothing(in []*torch.Tensor) ([]*torch.Tensor, error) { return in, nil }

// When its context ends a server says so, answers what it has taken, and leaves nothing.
func TestServeDrains(t *testing.T) {
	defer goleak.VerifyNone(t)
	torchtest.Leaks(t, func() {
		s := serve.NewServer(serve.ServerOptions{Logger: quiet(), Grace: new(100 * time.Millisecond)})
		closed := false
		m := serve.NewModel(pair(torch.Float32), func(in []*torch.Tensor) ([]*torch.Tensor, error) {
			time.Sleep(20 * time.Millisecond)
			return in, nil
		}, func() { closed = true })
		require.NoError(t, s.Add("m", m))
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Serve(ctx, l) }()
		c := &client{t, "http://" + l.Addr().String()}
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				status, answer := c.do("POST", "/v2/models/m/infer", `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`)
				assert.Equal(t, 200, status, answer)
			})
		}
		require.Eventually(t, func() bool {
			_, metrics := c.do("GET", "/metrics", "")
			return strings.Contains(metrics, `gotorch_requests_in_flight{model="m",version="1"} `)
		}, 10*time.Second, time.Millisecond)
		cancel()
		require.Eventually(t, func() bool {
			status, _ := c.do("GET", "/v2/health/ready", "")
			return status == 503
		}, 10*time.Second, time.Millisecond)
		group.Wait()
		assert.NoError(t, <-ended)
		assert.True(t, closed)
		_, err = s.Infer(context.Background(), serve.Request{Model: "m", Inputs: []serve.Array{{Name: "x", DType: torch.Float32, Shape: []int{1, 2}, Data: make([]byte, 8)}}})
		assert.ErrorIs(t, err, serve.ErrClosed)
		http.DefaultClient.CloseIdleConnections()
	})
}
