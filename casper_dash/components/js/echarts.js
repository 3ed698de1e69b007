// The parts of ECharts that our charts use; nothing else of it is shipped.

import { use, init } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, MarkAreaComponent, TooltipComponent, CanvasRenderer]);

export { init };
