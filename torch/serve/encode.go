package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// encoded is a response: JSON, and then binary data.
type encoded struct {
	body   []byte
	length int // of the JSON if there is binary data, else 0
}

// encode writes the outputs of a response as the request wants them.
func encode(model, version string, request *inference, outputs []Array) (e encoded, err error) {
	text := append([]byte(nil), `{"model_name":`...)
	text = appendText(text, model)
	text = append(text, `,"model_version":`...)
	text = appendText(text, version)
	if request.id != "" {
		text = append(text, `,"id":`...)
		text = appendText(text, request.id)
	}
	text = append(text, `,"outputs":[`...)
	var binary [][]byte
	for i, w := range request.wants(outputs) {
		if i > 0 {
			text = append(text, ',')
		}
		at := slices.IndexFunc(outputs, func(a Array) bool { return a.Name == w.name })
		if at < 0 {
			return e, refuse("there is no output %s", brief.Text(w.name))
		}
		a := &outputs[at]
		name, ok := datatypes[a.DType]
		if !ok {
			return e, &RequestError{http.StatusNotImplemented, fmt.Errorf("the output %s is of %v, which the protocol has not", a.Name, a.DType)}
		}
		text = append(text, `{"name":`...)
		text = appendText(text, a.Name)
		text = append(text, `,"datatype":"`...)
		text = append(text, name...)
		text = append(text, `","shape":[`...)
		for i, n := range a.Shape {
			if i > 0 {
				text = append(text, ',')
			}
			text = strconv.AppendInt(text, int64(n), 10)
		}
		if *w.binary {
			text = append(text, `],"parameters":{"binary_data_size":`...)
			text = strconv.AppendInt(text, int64(len(a.Data)), 10)
			text = append(text, "}}"...)
			binary = append(binary, a.Data)
			continue
		}
		text = append(text, `],"data":[`...)
		if text, err = appendElements(text, a); err != nil {
			return e, &RequestError{http.StatusNotAcceptable, err}
		}
		text = append(text, "]}"...)
	}
	text = append(text, "]}"...)
	if len(binary) > 0 {
		e.length = len(text)
	}
	for _, data := range binary {
		text = append(text, data...)
	}
	e.body = text
	return e, nil
}

// wants returns which outputs are asked for, and whether each is binary.
func (r *inference) wants(outputs []Array) []wanted {
	list := slices.Clone(r.outputs)
	if r.outputs == nil {
		for _, a := range outputs {
			list = append(list, wanted{name: a.Name})
		}
	}
	for i := range list {
		if list[i].binary == nil {
			list[i].binary = &r.binary
		}
	}
	return list
}

// appendText appends a text of JSON.
func appendText(to []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text always can be
	}
	return append(to, quoted...)
}
