package serve

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzRequest reads requests, JSON with binary data. What is read is as large as it says and
// takes memory in proportion to the body; what was read as JSON alone is JSON.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[[1,2.5]]}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}`,
		`{"parameters":{"binary_data_output":true,"more":{"a":[null,"\u00e9"]}},"inputs":[{"name":"x","datatype":"BOOL","shape":[2],"data":[true,false]}]}`,
		`{"inputs":[{"name":"x","datatype":"INT8","shape":[0],"data":[]},{"name":"y","datatype":"UINT64","shape":[],"data":[18446744073709551615]}]}`,
	} {
		f.Add([]byte(seed), -1)
	}
	header := `{"inputs":[{"name":"x","datatype":"FP16","shape":[2],"parameters":{"binary_data_size":4}},{"name":"b","datatype":"BOOL","shape":[1],"parameters":{"binary_data_size":1}}]}`
	f.Add([]byte(header+"\x00\x3c\x00\xc0\x01"), len(header))
	f.Fuzz(func(t *testing.T, body []byte, length int) {
		reserved := 0
		r, err := decode(body, length, func(bytes int) error { reserved += bytes; return nil })
		assert.LessOrEqual(t, reserved, 8*len(body))
		if err != nil {
			assert.Equal(t, 400, Status(err), err)
			return
		}
		text := body
		if length >= 0 {
			text = body[:length]
		}
		assert.NotEmpty(t, r.inputs)
		for _, in := range r.inputs {
			n, err := in.bytes()
			require.NoError(t, err)
			assert.Len(t, in.Data, n)
			// It comes out as it went in.
			if out, err := appendElements(nil, &in); err == nil {
				again := numbers{jsonReader{data: append(append([]byte("["), out...), ']')}, &Array{DType: in.DType, Shape: in.Shape}, n}
				require.NoError(t, again.array(again.element))
				assert.Equal(t, string(in.Data), string(again.Data))
			}
		}
		var any struct{}
		if !strings.ContainsAny(string(text), "\\") { // texts are not looked into
			err = json.Unmarshal(text, &any)
			if err != nil && !strings.Contains(err.Error(), "in string literal") {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
