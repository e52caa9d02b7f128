// SPDX-License-Identifier: GPL-2.0
//
// An endpoint with the marker in it, read dword by dword as a root complex does,
// and printed as lspci -xxxx prints it. The rest of its config space is the least
// that a list needs: AER at 100h, unless the marker is there, and a serial number
// at NEXT.
module testbench #(
	parameter bit [11:0] OFFSET = 12'h200,
	parameter bit [11:0] LENGTH = 12'h040,
	parameter bit [11:0] NEXT = 12'h000,
	parameter bit [15:0] VENDOR = 16'h1234,
	parameter bit [15:0] DVSEC_ID = 16'ha51d
);
	logic [9:0]  dword;
	logic        hit;
	logic [31:0] data;

	vfio_pasid_marker #(
		.OFFSET(OFFSET), .LENGTH(LENGTH), .NEXT(NEXT),
		.VENDOR(VENDOR), .DVSEC_ID(DVSEC_ID)
	) marker (.dword(dword), .hit(hit), .data(data));

	function automatic logic [31:0] others(input logic [9:0] n);
		case (n)
		10'h00:	return 32'h51311b36;
		10'h01:	return 32'h00100000;	// there is a capability list
		10'h02:	return 32'h02000000;
		10'h0d:	return 32'h00000040;
		10'h10:	return 32'h00020010;	// PCI Express, an endpoint
		10'h11:	return 32'h10000000;
		10'h19:	return 32'h00200000;	// End-End TLP Prefix
		10'h40:	return {OFFSET, 20'h20001};
		default:
			return NEXT != 0 && n == NEXT[11:2] ? 32'h00010003 : 32'd0;
		endcase
	endfunction

	task automatic print_row(input int row);
		logic [31:0] value;

		$write("%03x:", 12'(row * 16));
		for (int i = 0; i < 4; i++) begin
			dword = 10'(row * 4 + i);
			#1 value = hit ? data : others(dword);
			$write(" %02x %02x %02x %02x", value[7:0], value[15:8],
			       value[23:16], value[31:24]);
		end
		$write("\n");
	endtask

	initial begin
		$display("0001:02:00.0 Ethernet controller [0200]: Device [1b36:5131]");
		for (int row = 0; row < 256; row++)
			print_row(row);
		$display("");
	end
endmodule
