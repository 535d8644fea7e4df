package main

import (
	"bytes"
	"image/color"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// colors of the sites, in their order, that people who confuse red and green
// tell apart (Okabe and Ito).
var colors = []color.RGBA{
	{0x00, 0x72, 0xB2, 0xff}, {0xD5, 0x5E, 0x00, 0xff}, {0x00, 0x9E, 0x73, 0xff}, {0x66, 0xC2, 0xA5, 0xff},
	{0xE6, 0x9F, 0x00, 0xff}, {0xCC, 0x79, 0xA7, 0xff}, {0x70, 0x70, 0x70, 0xff}, {0xB0, 0xB0, 0xB0, 0xff},
}

// plots draws speed.svg, a dot for each workload and site, and growth.svg.
func (r *report) plots(dir string) error {
	dots, err := r.dots()
	if err != nil {
		return err
	}
	if err := save(filepath.Join(dir, "speed.svg"), 9*vg.Inch, 5*vg.Inch, [][]*plot.Plot{{dots}}); err != nil {
		return err
	}
	panels := make([][]*plot.Plot, 2)
	for i, group := range []string{byKeys, bySize, bySizeSet, byCount} {
		p, err := r.growth(group, i == 0)
		if err != nil {
			return err
		}
		panels[i/2] = append(panels[i/2], p)
	}
	return save(filepath.Join(dir, "growth.svg"), 8*vg.Inch, 7*vg.Inch, panels)
}

func save(path string, width, height vg.Length, panels [][]*plot.Plot) error {
	canvas := vgsvg.New(width, height)
	tiles := draw.Tiles{Rows: len(panels), Cols: len(panels[0]), PadX: 4 * vg.Millimeter, PadY: 4 * vg.Millimeter, PadTop: 2 * vg.Millimeter, PadRight: 4 * vg.Millimeter}
	for i, row := range plot.Align(panels, tiles, draw.New(canvas)) {
		for j, c := range row {
			panels[i][j].Draw(c)
		}
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Legend.Top = true
	p.Legend.TextStyle.Font.Size = 9
	p.Add(plotter.NewGrid())
	return p
}

// dots has a row for each workload of one visitor.
func (r *report) dots() (*plot.Plot, error) {
	p := newPlot()
	p.X.Label.Text = "nanoseconds per request, logarithmic"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	names := r.names(alone)
	slices.Reverse(names)
	p.NominalY(names...)
	p.X.Max = 2e6 // room for the legend
	for i, s := range sites {
		var at plotter.XYs
		for row, name := range names {
			if t := r.find(alone, name, s.name); t != nil {
				at = append(at, plotter.XY{X: t.median(), Y: float64(row)})
			}
		}
		if len(at) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(at)
		if err != nil {
			return nil, err
		}
		dots.GlyphStyle = draw.GlyphStyle{Color: colors[i], Radius: 4, Shape: draw.CircleGlyph{}}
		p.Add(dots)
		p.Legend.Add(s.name, dots)
	}
	return p, nil
}

// growth has a line for each site.
func (r *report) growth(group string, legend bool) (*plot.Plot, error) {
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = group, "ns per request"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Left = true
	for i, s := range sites {
		var at plotter.XYs
		for _, t := range r.trials {
			if t.group == group && t.site.name == s.name {
				at = append(at, plotter.XY{X: float64(t.x), Y: t.median()})
			}
		}
		if len(at) == 0 {
			continue
		}
		line, points, err := plotter.NewLinePoints(at)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = colors[i], 2
		points.GlyphStyle = draw.GlyphStyle{Color: colors[i], Radius: 3, Shape: draw.CircleGlyph{}}
		p.Add(line, points)
		if legend {
			p.Legend.Add(s.name, line)
		}
	}
	if legend {
		p.Y.Max *= 8 // room for it
	}
	return p, nil
}
