package profiler

import (
	"bufio"
	"fmt"
	"io"
)

// categoryColors are PyTorch's.
var categoryColors = [categories]string{"darkgreen", "goldenrod", "black", "mediumpurple", "red", "mediumblue", "royalblue", "grey"}

// The picture, without what is around it.
const pageWidth, pageHeight = 1200, 600

// writePage writes a page on which the categories are drawn on top of each other.
func (c memoryCurve) writePage(w io.Writer) error {
	out := bufio.NewWriter(w)
	most, first, took := 1, 0, 1
	for _, row := range c.sizes {
		sum := 0
		for _, bytes := range row {
			sum += bytes
		}
		most = max(most, sum)
	}
	if n := len(c.times); n > 0 {
		first, took = c.times[0], max(c.times[n-1]-c.times[0], 1)
	}
	fmt.Fprintf(out, "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>CPU memory timeline</title></head>\n<body>\n"+
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-90 -20 %d %d\" font-family=\"sans-serif\" font-size=\"14\">\n", pageWidth+320, pageHeight+80)
	fmt.Fprintf(out, "<title>Memory by what it is for, over time</title>\n")
	under := make([]int, len(c.times))
	for of := range categories {
		over := make([]int, len(c.times))
		for i, row := range c.sizes {
			over[i] = under[i] + row[of]
		}
		fmt.Fprintf(out, "<polygon fill=\"%s\" fill-opacity=\"0.7\" points=\"", categoryColors[of])
		place := func(time, bytes int) {
			fmt.Fprintf(out, "%.1f,%.1f ", pageWidth*float64(time-first)/float64(took), pageHeight*(1-float64(bytes)/float64(most)))
		}
		for i, time := range c.times { // sizes stay as they are until the next time
			if i > 0 {
				place(time, over[i-1])
			}
			place(time, over[i])
		}
		for i := len(c.times) - 1; i >= 0; i-- {
			place(c.times[i], under[i])
			if i > 0 {
				place(c.times[i], under[i-1])
			}
		}
		fmt.Fprintf(out, "\"/>\n")
		under = over
		y := 20 * (int(categories - of))
		fmt.Fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" fill=\"%s\" fill-opacity=\"0.7\"/><text x=\"%d\" y=\"%d\">%v</text>\n",
			pageWidth+20, y, categoryColors[of], pageWidth+40, y+12, of)
	}
	for i := range 6 {
		x, y := i*pageWidth/5, pageHeight-i*pageHeight/5
		fmt.Fprintf(out, "<line x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"lightgrey\"/><text x=\"-8\" y=\"%d\" text-anchor=\"end\">%.2f MB</text>\n",
			pageWidth, y, y, y+5, float64(most)*float64(i)/5/1e6)
		fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.3f ms</text>\n", x, pageHeight+24, float64(took)*float64(i)/5/1e3)
	}
	fmt.Fprintf(out, "</svg>\n</body>\n</html>\n")
	return out.Flush()
}
