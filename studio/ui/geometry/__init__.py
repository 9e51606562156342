"""Where layers lie and how large the picture is: menus, dialogs and the alignment buttons. Their edits are core's."""
