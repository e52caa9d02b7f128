// SPDX-License-Identifier: GPL-2.0
//
// A DVSEC marker: "this config space is unused". docs/dvsec-marker.md
//
// For the user extended config space of a PCIe core: connect it to the core's
// read port (AMD: cfg_ext_*, Intel: the Configuration Extension Bus), and link
// OFFSET into the capability list. It has no state and no write port: the marker
// is there after every reset, and writes have no effect.
module vfio_pasid_marker #(
	parameter bit [11:0] OFFSET = 12'h200,		// where the unused space begins
	parameter bit [11:0] LENGTH = 12'h040,		// bytes of it, the header's 12 included
	parameter bit [11:0] NEXT = 12'h000,		// next capability, 0: the last one
	parameter bit [15:0] VENDOR = 16'h1234,		// provisional, see README.md
	parameter bit [15:0] DVSEC_ID = 16'ha51d
) (
	input  logic [9:0]  dword,	// register number: byte offset / 4
	output logic        hit,	// the dword is the marker's
	output logic [31:0] data	// what it reads
);
	localparam int END = int'(OFFSET) + int'(LENGTH);

	// What cannot be a marker is not built: there is no module of such a name
	if (OFFSET < 12'h100 || OFFSET % 4 != 0)
		OFFSET_has_to_be_a_multiple_of_4_from_100h_on refused();
	if (LENGTH < 12 || LENGTH % 4 != 0)
		LENGTH_has_to_be_a_multiple_of_4_from_12_on refused();
	if (END > 4096)
		OFFSET_and_LENGTH_have_to_end_within_config_space refused();
	if (NEXT != 0 && (NEXT < 12'h100 || NEXT % 4 != 0))
		NEXT_has_to_be_0_or_a_multiple_of_4_from_100h_on refused();
	if (NEXT >= OFFSET && int'(NEXT) < END)
		NEXT_has_to_be_outside_of_the_marker refused();

	assign hit = dword >= OFFSET[11:2] && int'(dword) < END / 4;

	always_comb
		case (dword - OFFSET[11:2])
		10'd0:   data = {NEXT, 4'd1, 16'h0023};		// version 1, DVSEC
		10'd1:   data = {LENGTH, 4'd0, VENDOR};		// revision 0
		10'd2:   data = {16'd0, DVSEC_ID};
		default: data = 32'd0;				// the gap
		endcase
endmodule
